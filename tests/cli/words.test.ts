import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { run } from '../../runtime/commands/program.ts'
import { plainHub } from './folders.ts'
import { hub as start, makeFolder, type Ended } from './hub.ts'

const folder = makeFolder(plainHub)
const empty = makeFolder({})
afterAll(() => {
  folder.remove()
  empty.remove()
})
const cwd = folder.path
const home = process.cwd()
afterEach(() => {
  process.chdir(home)
  vi.restoreAllMocks()
})

/** The command line in this process: nothing here opens anything. */
async function hub(args: readonly string[], options: { readonly cwd: string }): Promise<Ended> {
  const printed = { out: '', error: '' }
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed.out += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((printed.error += String(text)), true))
  process.chdir(options.cwd)
  const exit = await run(['node', 'hub', ...args])
  return { exit, ...printed }
}

test('the program leaves with the exit code and prints to the stream it should', async () => {
  const { exit, out, error } = await start(['lst'], { cwd })
  expect({ exit, out }).toEqual({ exit: 2, out: '' })
  expect(error).toContain('Did you mean list?')
})

test('--help shows every command, examples and exit codes', async () => {
  const { exit, out } = await hub(['--help'], { cwd: empty.path })
  expect(exit).toBe(0)
  for (const word of [
    'serve',
    'stdio',
    'check',
    'list',
    'call',
    'import',
    'init',
    'generate',
    'test',
    'plan',
    'migrate',
    'keys',
    'doctor',
    'Examples:',
    'Exit codes:',
  ])
    expect(out).toContain(word)
})

test.each(['serve', 'stdio', 'check', 'list', 'call', 'init', 'generate', 'test', 'plan', 'migrate', 'keys', 'doctor'])(
  '%s --help explains itself',
  async (command) => {
    const { exit, out } = await hub([command, '--help'], { cwd: empty.path })
    expect(exit).toBe(0)
    expect(out).toContain(`Usage: hub ${command}`)
    expect(out.split('\n').length).toBeGreaterThan(8)
  },
)

test('how long a key is good is told as it is written', async () => {
  expect((await hub(['keys', 'create', '--help'], { cwd: empty.path })).out).toContain('(default: 90d)')
})

test('--version is the one of package.json', async () => {
  const { version } = (await import('../../package.json', { with: { type: 'json' } })).default
  expect((await hub(['--version'], { cwd })).out).toBe(`${version}\n`)
})

test.each([
  { args: ['lst'], words: 'Did you mean list?' },
  { args: ['list', 'tool'], words: 'Allowed choices are connectors, tools' },
  { args: ['call'], words: "missing required argument 'tool'" },
  { args: ['call', 'hub_health', '[1]'], words: 'must be one JSON object' },
  { args: ['call', 'hub_health', '{'], words: 'are not JSON' },
  { args: ['call', 'hub_health', '--url', 'nowhere'], words: 'is not an address' },
  { args: ['list', '--url', 'http://127.0.0.1:8080/mcp'], words: 'the address of a hub, without a path' },
  { args: ['serve', '--port', '70000'], words: 'a port is a whole number' },
  { args: ['stdio', '--connector', 'a', '--toolset', 'b'], words: 'cannot be used with' },
  { args: ['check', '--config', 'nowhere.yaml'], words: 'nowhere.yaml is not there' },
  { args: ['keys', 'create', '--name', 'x', '--expires', 'soon'], words: 'write it as 12h or 90d' },
  { args: ['keys', 'create', '--name', 'x', '--expires', '99999999d'], words: 'write never for no end' },
  { args: ['keys', 'create', '--name', ' '], words: 'cannot be empty' },
  { args: ['keys', 'create', '--name', 'x', '--role', 'king'], words: 'Allowed choices are observer' },
  { args: ['import', 'mcp', 'node x.js'], words: "required option '--name <name>'" },
])('hub $args is wrong usage, with a word on what is right', async ({ args, words }) => {
  const { exit, error, out } = await hub(args, { cwd })
  expect({ exit, out }).toEqual({ exit: 2, out: '' })
  expect(error).toContain(words)
  expect(error).not.toMatch(/^ +at /m)
})

test('a folder without a hub is told so', async () => {
  const { exit, error } = await hub(['list'], { cwd: empty.path })
  expect(exit).toBe(2)
  expect(error).toContain('no hub.config.yaml here or in a folder above')
})

test('an address where no hub answers is exit 4', async () => {
  expect(await hub(['call', 'hub_health', '--url', 'http://127.0.0.1:1'], { cwd })).toMatchObject({
    exit: 4,
    error: expect.stringContaining('no hub answers at') as string,
  })
})
