import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { HubError } from '../../../runtime/contract/errors.ts'
import { Secret } from '../../../runtime/contract/secret.ts'
import { createLogger, type LogLevel } from '../../../runtime/log/log.ts'

function setUp(options: { readonly level?: LogLevel; readonly pretty?: boolean; readonly scrub?: (text: string) => string } = {}) {
  const written: string[] = []
  const log = createLogger({ level: 'debug', ...options, destination: { write: (line) => void written.push(line) } })
  return { log, written, records: () => written.map((line) => JSON.parse(line) as Record<string, unknown>) }
}

test('a line is one JSON object with time, level, constant message and facts', () => {
  const { log, records } = setUp()
  log.warn('connector down', { connector: 'market', sinceMs: 5 })
  log.info('ready')
  expect(records()).toEqual([
    { level: 'warn', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), connector: 'market', sinceMs: 5, msg: 'connector down' },
    { level: 'info', time: expect.any(String), msg: 'ready' },
  ])
})

test('a child’s facts are on each of its lines', () => {
  const { log, records } = setUp()
  log.child({ connector: 'bus' }).child({ topic: 'x' }).debug('sent', { bytes: 1 })
  expect(records()).toMatchObject([{ level: 'debug', connector: 'bus', topic: 'x', bytes: 1 }])
})

test('a level leaves out what is below it', () => {
  const { log, records } = setUp({ level: 'warn' })
  log.debug('a', { x: 1 })
  log.info('b')
  log.warn('c')
  log.error('d')
  expect(records().map(({ msg }) => msg)).toEqual(['c', 'd'])
})

test('a secret prints as [secret], however deep', () => {
  const { log, written } = setUp()
  log.error('refused', { config: { url: new Secret('postgres://u:hunter2@h/db', 'env:URL') }, list: [new Secret('hunter2', 'env:X')] })
  expect(written.join()).not.toContain('hunter2')
  expect(written.join()).toContain('"url":"[secret]"')
})

test('what scrubbing takes out is out of every line, messages and errors included', () => {
  for (const pretty of [false, true]) {
    const { log, written } = setUp({ pretty, scrub: (text) => text.replaceAll('hunter2', '[secret]') })
    log.error('could not log in as hunter2', { error: new Error('password hunter2 is wrong'), field: 'hunter2' })
    expect(written.join()).not.toContain('hunter2')
  }
})

test('a secret that the cut of a long error would go through is out as a whole', () => {
  const { log, written } = setUp({ scrub: (text) => text.replaceAll('hunter2', '[secret]') })
  for (let before = 3_990; before <= 4_005; before++) log.error('failed', { error: new Error(`${'x'.repeat(before)}hunter2`) })
  expect(written).toHaveLength(16)
  expect(written.join()).not.toMatch(/xh/)
})

test('an error tells its code and causes; one the hub threw on purpose needs no stack', () => {
  const { log, records } = setUp()
  const cause = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  log.error('failed', { error: new HubError('HUB_STORE_DOWN', 'the store does not answer', {}, cause), other: new TypeError('x'.repeat(10_000)) })
  const [record] = records()
  expect(record?.error).toEqual({
    name: 'HubError',
    message: 'the store does not answer',
    code: 'HUB_STORE_DOWN',
    cause: { name: 'Error', message: 'connect ECONNREFUSED', code: 'ECONNREFUSED', stack: expect.stringContaining('log.test.ts') },
  })
  expect(JSON.stringify(record).length).toBeLessThan(12_000)
})

test('facts that go in circles do not stop the log', () => {
  const { log, records } = setUp()
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  log.info('odd', { circle, big: 12n })
  expect(records()).toHaveLength(1)
})

test('people get a line they can read', () => {
  const { log, written } = setUp({ pretty: true })
  log.warn('connector down', { connector: 'market', detail: 'no answer in time', n: 3 })
  expect(written[0]).toMatch(/^\d\d:\d\d:\d\d warn {2}connector down connector=market detail="no answer in time" n=3\n$/)
})

test('what an upstream said does not reach the terminal as a command', () => {
  const { log, written } = setUp({ pretty: true })
  const line = ['\u001b[2J', '\u009b2J', '\u202egnp.exe', '\u007f', '\u{e0041}', '\u2028']
  log.info('upstream wrote', { line: line.join(''), spaced: line.join(' '), list: line })
  for (const text of line) log.info(text, { [text]: text })
  for (const each of written) expect(each.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u)
  expect(written[0]).toContain(String.raw`line="\u001b[2J\u009b2J\u202egnp.exe\u007f\udb40\udc41\u2028"`)
  expect(JSON.parse(written[0]?.split('list=')[1] ?? '')).toEqual(line)
})

test('letters of any script stay as they are', () => {
  const { log, written } = setUp({ pretty: true })
  log.info('up', { city: 'Zürich', place: '東京', price: '5€', url: 'https://a.example/?q=1', none: '' })
  expect(written[0]).toMatch(/ up city=Zürich place=東京 price=5€ url=https:\/\/a\.example\/\?q=1 none=""\n$/)
})

test('lines go to stderr, so that stdout stays MCP’s', () => {
  const script = `import { createLogger } from ${JSON.stringify(new URL('../../../runtime/log/log.ts', import.meta.url).href)}; createLogger({ level: 'info' }).info('hello')`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  expect([stdout, JSON.parse(stderr)]).toEqual(['', expect.objectContaining({ msg: 'hello' })])
})
