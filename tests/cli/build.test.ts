import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startPostgres, type RunningPostgres } from '../components/postgres.ts'
import { hub, makeFolder, serve } from './hub.ts'

const root = resolve(import.meta.dirname, '..', '..')
// Within the package, as the published one is: what it needs is found from there.
const out = join(root, '.hub', `build-of-tests-${process.pid}`)
const program = join(out, 'runtime', 'main.js')
const folder = makeFolder({
  'hub.config.yaml':
    'hub: { name: built, listen: 127.0.0.1:0 }\nmanifests: [connectors/*.yaml]\nstores: { postgres: { secret: STORE_URL }, redis: embedded }\nauth: { mode: local }\n',
  'connectors/notes.yaml':
    "connector: notes\nkind: files\nsummary: Notes.\nconfig: { root: '${HUB_DIRECTORY}/files', folders: { all: { summary: All of them., shared: hub } } }\n",
  'connectors/market.yaml': 'connector: market\nkind: timescale\nsummary: A database.\nconfig: { url: { secret: STORE_URL }, migrations: true }\n',
  'connectors/signs.yaml': 'connector: signs\nkind: indicators\nsummary: Indicators.\n',
})
const cwd = folder.path
let database: RunningPostgres
let env: Record<string, string>

beforeAll(async () => {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'runtime', 'build.mjs'), '--out', out], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the build failed: ${stderr}`)
  database = await startPostgres()
  env = { STORE_URL: database.url }
})
afterAll(async () => {
  rmSync(out, { recursive: true, force: true })
  folder.remove()
  await database?.stop()
})

describe('the built hub', () => {
  test('says its version', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(await hub(['--version'], { cwd, program })).toMatchObject({ exit: 0, out: `${version}\n` })
  })

  test('generates what the sources generate, from every shipped manifest', async () => {
    const { exit, out: said, error } = await hub(['generate', '--check'], { cwd: root, program })
    expect(error).not.toContain('error')
    expect([exit, said]).toEqual([0, expect.stringContaining('as they should be')])
  })

  test('finds its migrations, its worker and the packages that it loads late', async () => {
    mkdirSync(join(cwd, 'files', 'hub', 'all'), { recursive: true })
    writeFileSync(join(cwd, 'files', 'hub', 'all', 'one.md'), 'kept')
    expect(await hub(['migrate'], { cwd, env, program })).toMatchObject({ exit: 0, out: expect.stringContaining('market') as string })
    const serving = await serve(cwd, env, [], program)
    try {
      const call = async (connector: string, tool: string, args: object): Promise<unknown> => {
        const response = await fetch(`${serving.url}/api/mcp/${connector}/tools/${tool}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(args),
        })
        return response.json()
      }
      expect(await call('notes', 'read_file', { folder: 'all', path: 'one.md' })).toMatchObject({ text: 'kept' })
      expect(await call('market', 'list_tables', {})).toMatchObject({ rows: expect.arrayContaining([expect.objectContaining({ name: 'ohlcv' })]) as unknown })
      const close = Array.from({ length: 30 }, (_, at) => String(100 + (at % 7)))
      const candles = close.map((price, at) => ({
        timestamp: new Date(at * 86_400_000).toISOString(),
        open: price,
        high: price,
        low: price,
        close: price,
        volume: '1',
      }))
      expect(await call('signs', 'compute', { candles, indicators: [{ indicator: 'rsi' }] })).toHaveProperty('rows')
    } finally {
      expect((await serving.end()).exit).toBe(0)
    }
  })

  test('brings the licences of the packages that are in its files, and no package in part', () => {
    const notices = readFileSync(join(out, 'NOTICES.txt'), 'utf8')
    for (const name of ['zod', 'commander', '@modelcontextprotocol/server', 'js-yaml'])
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\((?:MIT|Apache-2\\.0)`, 'm'))
    expect(existsSync(join(out, 'generated', 'client.d.ts'))).toBe(true)
  })
})
