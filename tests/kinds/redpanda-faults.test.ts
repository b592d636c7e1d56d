import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HubError } from '../../runtime/contract/errors.ts'
import type { Connector } from '../../runtime/contract/kind.ts'
import { redpanda } from '../../runtime/kinds/redpanda/kind.ts'
import { kafkaMissing, startKafka, type RunningKafka } from '../components/kafka.ts'
import { failureOf, until } from './conformance.ts'
import { lend, runWith, someone } from './lent.ts'
import { ask, dataOf, freshTopic, toolOf, write, type Loose } from './redpanda.ts'

const missing = (await kafkaMissing()) ?? (process.env['HUB_TEST_KAFKA'] === undefined ? undefined : 'Kafka: the broker of HUB_TEST_KAFKA cannot be stopped')

describe.skipIf(missing !== undefined)(`kind redpanda while its broker fails${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let kafka: RunningKafka
  let bus: Connector
  const lent = lend('bus')

  beforeAll(async () => {
    kafka = await startKafka()
    bus = await redpanda.open({ brokers: [kafka.broker] }, lent)
  })
  afterAll(async () => {
    await bus?.close()
    await kafka?.stop()
  })

  test('a broker stopped in the middle of reading is told, and read again when it is back', async () => {
    const topic = await freshTopic(bus, 'read')
    await write(bus, topic, [1, 2, 3])
    kafka.freeze()
    const reading = failureOf(ask(bus, 'read_messages', { topic, limit: 3 }))
    await kafka.pause()
    expect(await reading).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', details: { retryAfterMs: expect.any(Number) } })
    await kafka.resume()
    expect((await dataOf(bus, 'read_messages', { topic, limit: 3 })).rows.map(({ value }: Loose) => value)).toEqual([1, 2, 3])
  })

  test('what is written while the broker is away is there once when it is back', async () => {
    const topic = await freshTopic(bus, 'written')
    await write(bus, topic, ['before'])
    kafka.freeze()
    const writing = Promise.all(Array.from({ length: 50 }, (_, n) => ask(bus, 'produce', { topic, value: n })))
    await kafka.pause()
    await kafka.resume()
    const placed = (await writing).map(({ data }) => (data as Loose).offset)
    const { rows } = await dataOf(bus, 'read_messages', { topic, limit: 1_000, from: 'earliest' })
    expect(rows.map(({ value }: Loose) => value)).toEqual(['before', ...Array.from({ length: 50 }, (_, n) => n)])
    expect(placed).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
  })

  test('collecting outlives the broker’s restart', async () => {
    const topic = await freshTopic(bus, 'collected')
    await write(bus, topic, [{ symbol: 'BTC', price: 1 }])
    const collecting = ask(bus, 'collect_latest', { topic, by: 'symbol', want: ['BTC', 'ETH'], atMost: '50s' })
    await kafka.pause()
    await kafka.resume()
    let isDone = false
    void collecting.finally(() => (isDone = true))
    while (!isDone) await ask(bus, 'produce', { topic, value: { symbol: 'ETH', price: 2 } })
    expect((await collecting).data).toMatchObject({ complete: true, missing: [] })
  })

  test.each([
    ['a caller that leaves', undefined, 'HUB_CANCELLED'],
    ['a deadline that passes', new HubError('HUB_TIMEOUT', 'late'), 'HUB_TIMEOUT'],
  ] as const)('%s waits for no broker that hangs', async (_name, reason, code) => {
    const topic = await freshTopic(bus, 'hanging')
    await write(bus, topic, [1])
    kafka.freeze()
    try {
      const caller = new AbortController()
      const run = runWith(caller.signal)
      const calls = [
        ask(bus, 'read_messages', { topic, limit: 1, from: 0 }, run),
        ask(bus, 'list_topics', {}, run),
        ask(bus, 'collect_latest', { topic }, run),
        ask(bus, 'produce', { topic, value: 2 }, run),
      ].map(failureOf)
      setImmediate(() => caller.abort(reason))
      const errors = await Promise.all(calls)
      expect(errors.map((error) => error.code)).toEqual([code, code, code, code])
    } finally {
      kafka.thaw()
    }
    await ask(bus, 'produce', { topic, value: 3 })
    expect((await dataOf(bus, 'read_messages', { topic, limit: 9 })).rows.at(-1).value).toBe(3)
  })

  test('a message given up while it was under way is told to be in doubt, and the next one is not taken for it', async () => {
    const topic = await freshTopic(bus, 'doubt')
    await write(bus, topic, ['first'])
    kafka.freeze()
    const caller = new AbortController()
    const sending = failureOf(ask(bus, 'produce', { topic, value: 'in doubt' }, runWith(caller.signal)))
    // It is on its way after a few turns, and the broker is not there to answer.
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    const behind = failureOf(ask(bus, 'produce', { topic, value: 'behind it' }, runWith(caller.signal)))
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    caller.abort()
    const [error, other] = [await sending, await behind]
    kafka.thaw()
    expect(error).toMatchObject({ code: 'HUB_CANCELLED', message: expect.stringContaining('look before trying again'), details: { outcome: 'unknown' } })
    expect(other.details).toEqual({})
    await ask(bus, 'produce', { topic, value: 'next' })
    const values = (await dataOf(bus, 'read_messages', { topic, limit: 9, from: 'earliest' })).rows.map(({ value }: Loose) => value)
    expect(values.at(-1)).toBe('next')
    expect(values).not.toContain('behind it')
    expect(values.filter((value: string) => value === 'next')).toHaveLength(1)
  })

  test('a topic deleted while it is read ends the read with that word', async () => {
    const topic = await freshTopic(bus, 'deleted')
    await write(bus, topic, [1, 2, 3])
    const source = bus.source?.({ topic, from: 'earliest' })
    const read: unknown[] = []
    const reading = (async () => {
      for await (const { rows } of source?.read(undefined, new AbortController().signal) ?? []) {
        read.push(...rows)
        if (read.length === 3) await ask(bus, 'delete_topic', { topic })
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'HUB_QUERY_FAILED', message: `topic "${topic}" was deleted while it was read` })
    expect(read).toEqual([{ value: 1 }, { value: 2 }, { value: 3 }])
    expect((await failureOf(ask(bus, 'read_messages', { topic, limit: 1, from: 0 }))).code).toBe('HUB_ARGS_INVALID')
    await ask(bus, 'create_topic', { topic })
    await ask(bus, 'produce', { topic, value: 'anew' })
    expect((await dataOf(bus, 'read_messages', { topic, limit: 1 })).rows[0].value).toBe('anew')
  })

  test('one deleted by others is told of, once it is seen to be gone', async () => {
    const topic = await freshTopic(bus, 'deleted.elsewhere')
    await write(bus, topic, [1])
    const other = await redpanda.open({ brokers: [kafka.broker] }, lend('other'))
    await ask(other, 'delete_topic', { topic })
    await other.close()
    const reading = failureOf(ask(bus, 'read_messages', { topic, limit: 1, from: 0 }))
    expect(await reading).toMatchObject({ code: 'HUB_QUERY_FAILED', message: expect.stringContaining('was deleted while it was read') })
    expect((await failureOf(ask(bus, 'produce', { topic, value: 2 }))).message).toContain('there is no topic')
  })

  test('a watch outlives its topic', async () => {
    const topic = await freshTopic(bus, 'watched')
    const uri = `kafka://topics/${topic}`
    let told = 0
    const stop = bus.extras?.onEvent((event) => void (event.type === 'updated' && event.uri === uri && (told += 1)))
    await bus.extras?.subscribe(uri, someone)
    await ask(bus, 'delete_topic', { topic })
    // Word that it is gone.
    await until(async () => told > 0)
    await ask(bus, 'create_topic', { topic })
    told = 0
    await ask(bus, 'produce', { topic, value: 'anew' })
    await until(async () => told > 0)
    await bus.extras?.unsubscribe(uri, someone)
    stop?.()
  })

  test('a source goes on over a restart, and loses and doubles nothing', async () => {
    const topic = await freshTopic(bus, 'source')
    await write(bus, topic, [0, 1, 2])
    const seen: unknown[] = []
    const ended = new AbortController()
    const reading = (async () => {
      for await (const { rows } of bus.source?.({ topic, from: 'earliest' }).read(undefined, ended.signal) ?? []) {
        seen.push(...rows.map((row) => row['value']))
        if (seen.length >= 6) ended.abort()
      }
    })()
    await kafka.pause()
    await kafka.resume()
    await write(bus, topic, [3, 4, 5])
    await reading
    expect(seen).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('a hub killed in the middle of reading leaves no group on the broker', async () => {
    const topic = await freshTopic(bus, 'killed')
    await write(bus, topic, [1])
    const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'fixtures', 'redpanda', 'reader.ts'), kafka.broker, topic], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')
    const admin = new Kafka({ brokers: [kafka.broker], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    expect(await admin.listGroups()).toEqual({ groups: [] })
    await admin.disconnect()
  })

  test('health says so, and what it says names no address', async () => {
    await kafka.pause()
    const health = await bus.check(AbortSignal.timeout(10_000))
    expect(health.state).toBe('down')
    expect(JSON.stringify(health)).not.toContain('127.0.0.1')
    const failure = await failureOf(bus.bind(toolOf({ standard: 'list_topics' }))({}, runWith()))
    expect(`${failure.message}${JSON.stringify(failure.details)}`).not.toContain('127.0.0.1')
    await kafka.resume()
    expect(await bus.check(AbortSignal.timeout(10_000))).toMatchObject({
      state: 'up',
      detail: '1 broker, controller 1',
      version: expect.stringMatching(/^Kafka \(Produce \d+, Fetch \d+/),
    })
  })

  test('the log is no flood', () => {
    expect(lent.logged.length).toBeLessThan(200)
  })
})
