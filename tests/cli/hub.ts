import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

const main = resolve(import.meta.dirname, '..', '..', 'runtime', 'main.ts')

/** What a command printed and how it ended. */
export interface Ended {
  readonly exit: number | null
  readonly out: string
  readonly error: string
}

type Environment = Readonly<Record<string, string>>

function start(args: readonly string[], cwd: string, env: Environment, program = main): ChildProcessWithoutNullStreams {
  const { PATH = '', HOME = '' } = process.env
  return spawn(process.execPath, [program, ...args], { cwd, env: { PATH, HOME, NO_COLOR: '1', ...env } })
}

/** How one command is run. */
export interface Running {
  readonly cwd: string
  readonly env?: Environment
  readonly input?: string
  /** Of a build; the sources unless given. */
  readonly program?: string
}

/** Runs one command to its end. */
export async function hub(args: readonly string[], options: Running): Promise<Ended> {
  const child = start(args, options.cwd, options.env ?? {}, options.program)
  let [out, error] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (error += chunk))
  child.stdin.end(options.input ?? '')
  const [exit] = (await once(child, 'close')) as [number | null]
  return { exit, out, error }
}

/** A command that stays, as its user sees it. */
export interface Staying {
  readonly pid: number
  /** Resolves once this was printed, on either stream. */
  printed(pattern: RegExp): Promise<string>
  /** Sends a signal and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<Ended>
}

/** A hub that serves. */
export interface Serving extends Staying {
  readonly url: string
}

/** `hub serve` on a free port, once it shows its screen. */
export async function serve(cwd: string, env: Environment = {}, more: readonly string[] = [], program?: string): Promise<Serving> {
  const staying = stay(['serve', '--port', '0', ...more], cwd, env, program)
  const url = await staying.printed(/(http:\/\/127\.0\.0\.1:\d+)\/mcp/)
  await staying.printed(/Ctrl-C stops the hub/)
  return { ...staying, url }
}

/** Starts a command that stays until it is told to end. */
export function stay(args: readonly string[], cwd: string, env: Environment = {}, program?: string): Staying {
  const child = start(args, cwd, env, program)
  let [out, error] = ['', '']
  const closed = once(child, 'close') as Promise<[number | null]>
  const waiting = new Set<() => void>()
  const take = (keep: (text: string) => void) => (chunk: Buffer) => {
    keep(String(chunk))
    for (const look of waiting) look()
  }
  child.stdout.on(
    'data',
    take((text) => (out += text)),
  )
  child.stderr.on(
    'data',
    take((text) => (error += text)),
  )
  const printed = (pattern: RegExp): Promise<string> =>
    new Promise((done, refuse) => {
      const look = (): void => {
        const found = pattern.exec(out + error)
        if (!found) return
        waiting.delete(look)
        done(found[1] ?? found[0])
      }
      waiting.add(look)
      look()
      void closed.then(([exit]) => refuse(new Error(`hub ${args[0]} ended with ${exit} before it printed ${pattern}:\n${out}${error}`)))
    })
  return {
    pid: child.pid as number,
    printed,
    async end(signal = 'SIGINT') {
      child.kill(signal)
      const [exit] = await closed
      return { exit, out, error }
    },
  }
}

/** A hub's folder of its own, with these files. */
export function makeFolder(files: Readonly<Record<string, string>>): { readonly path: string; write(file: string, text: string): void; remove(): void } {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'hub-cli-')))
  // PostgreSQL runs as another user when tests run as root, and must reach its data.
  chmodSync(path, 0o755)
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), text)
  }
  for (const [file, text] of Object.entries(files)) write(file, text)
  return { path, write, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** The command lines of processes that have to do with a folder; Linux only, empty elsewhere. */
export function processesOf(folder: string): readonly string[] {
  if (process.platform !== 'linux') return []
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return ids.map(commandOf).filter((command) => command.includes(folder))
}

function commandOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
