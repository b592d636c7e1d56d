import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { examineHub } from '../../runtime/commands/examining.ts'
import type { Finding } from '../../runtime/commands/finding.ts'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder, serve, type Serving } from './hub.ts'

vi.setConfig({ testTimeout: 120_000 })
const config = plainHub['hub.config.yaml'].replace('postgres: embedded', "postgres: '${DATABASE_URL}'")
const folder = makeFolder({ ...plainHub, 'hub.config.yaml': config })
const alone = makeFolder({
  'hub.config.yaml': config,
  'connectors/far.yaml': "connector: far\nkind: http\nsummary: An API.\nconfig: { base: 'https://api.example.com' }\ntools: {}\n",
})
afterAll(() => {
  folder.remove()
  alone.remove()
})
const nowhere = 'postgres://hub:hunter22@127.0.0.1:1/hub'

describe('the hub’s own store, where no hub runs', () => {
  let server: RunningPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  async function storeAt(url: string): Promise<readonly Finding[]> {
    vi.stubEnv('DATABASE_URL', url)
    vi.stubEnv('HUB_LOG', 'silent')
    const findings = await examineHub(join(folder.path, 'hub.config.yaml'), folder.path)
    expect(findings.find(({ topic }) => topic === 'connectors' || topic === 'hub')).toMatchObject({ state: 'good' })
    return findings.filter(({ topic }) => topic === 'store')
  }
  const changed = (change: (url: URL) => void): string => {
    const url = new URL(server.url)
    change(url)
    return url.href
  }

  test('answers', async () => {
    expect(await storeAt(server.url)).toEqual([{ topic: 'store', state: 'good', fact: 'the hub’s own PostgreSQL answers' }])
  })

  test.each([
    { what: 'a port where nothing listens', change: (url: URL) => void (url.port = '1'), words: 'nothing listens at 127.0.0.1:1' },
    { what: 'an unknown host', change: (url: URL) => void (url.hostname = 'nowhere.invalid'), words: 'the host of nowhere.invalid' },
    { what: 'a wrong password', change: (url: URL) => void (url.password = 'hunter22'), words: 'refuses the login' },
    { what: 'no such database', change: (url: URL) => void (url.pathname = '/no_such'), words: 'has no such database' },
  ])('$what is told, with a way on and without the password', async ({ change, words }) => {
    const [store] = await storeAt(changed(change))
    expect(store).toMatchObject({ state: 'bad', fact: expect.stringContaining(words) as string, wayOn: expect.stringContaining('DATABASE_URL') as string })
    expect(JSON.stringify(store)).not.toContain('hunter22')
  })
})

describe('a hub that runs without a store and without the connector of kind hub', () => {
  const cwd = alone.path
  const env = { DATABASE_URL: nowhere, HUB_LOG: 'silent' }
  let serving: Serving
  beforeAll(async () => {
    serving = await serve(cwd, env)
  })
  afterAll(async () => {
    await serving.end()
  })

  test('the doctor says why there is no store, and that connectors are not told', async () => {
    const { exit, out, error } = await hub(['doctor'], { cwd, env })
    expect({ exit, error }).toEqual({ exit: 1, error: '' })
    expect(out).toMatch(/^bad +store +nothing listens at 127\.0\.0\.1:1$/m)
    expect(out).toMatch(/^look +hub +this hub does not tell its connectors$/m)
    expect(out).not.toContain('hunter22')
  })

  test('hub list says what to switch on', async () => {
    const { exit, error } = await hub(['list'], { cwd, env })
    expect(exit).toBe(1)
    expect(error).toContain('switch on the connector of kind hub')
  })
})

test('a hub that cannot note that it runs serves all the same, and says so', async () => {
  const sealed = makeFolder({ ...plainHub, 'hub.config.yaml': config, '.hub': 'no folder' })
  try {
    const serving = await serve(sealed.path, { DATABASE_URL: nowhere, HUB_LOG: 'silent' })
    expect(await serving.printed(/give them --url/)).toBeDefined()
    expect(await hub(['call', 'hub_health', '--url', serving.url], { cwd: sealed.path })).toMatchObject({ exit: 0 })
    expect(await serving.end()).toMatchObject({ exit: 0 })
  } finally {
    sealed.remove()
  }
})
