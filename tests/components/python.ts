import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { used } from './used.ts'

/** A Python that can run the generated client, or why there is none. */
export type FoundPython = { readonly python: Python } | { readonly reason: string }

/** Runs one Python program; what it printed, and how it ended. */
export interface Python {
  run(args: readonly string[], options?: { readonly path?: string; readonly cwd?: string; readonly input?: string }): Promise<PythonEnded>
}

/** How a Python program ended. */
export interface PythonEnded {
  readonly exit: number | null
  readonly out: string
  readonly error: string
}

const component = 'Python client (mcp, pydantic, mypy)'
const probe = 'import sys, mcp, pydantic, mypy; assert sys.version_info >= (3, 10), sys.version; assert mcp.Client'
const own = resolve(import.meta.dirname, '..', '..', '.hub', 'python', 'bin', 'python')

/** The Python named by HUB_PYTHON, which must work; else the one `.ci/run` makes, else the machine's, when it has the packages of examples/python/requirements.txt. */
export function findPython(): FoundPython {
  const named = process.env['HUB_PYTHON']
  for (const command of named === undefined ? [own, 'python3', 'python'] : [named]) {
    const { status, stderr } = spawnSync(command, ['-c', probe], { encoding: 'utf8', env: environment() })
    if (status === 0) {
      used(component)
      return { python: { run: (args, options = {}) => run(command, args, options) } }
    }
    if (named !== undefined) throw new Error(`HUB_PYTHON is ${named}, which cannot run the generated client: ${stderr}`)
  }
  return { reason: `${component}: no Python 3.10 with the packages of examples/python/requirements.txt here` }
}

async function run(command: string, args: readonly string[], options: Parameters<Python['run']>[1] & {}): Promise<PythonEnded> {
  const child = spawn(command, args, { cwd: options.cwd, env: { ...environment(), PYTHONPATH: options.path ?? '', MYPYPATH: options.path ?? '' } })
  let [out, error] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (error += chunk))
  child.stdin.end(options.input ?? '')
  const [exit] = (await once(child, 'close')) as [number | null]
  return { exit, out, error }
}

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], HOME: process.env['HOME'], PYTHONUTF8: '1', PYTHONDONTWRITEBYTECODE: '1' })
