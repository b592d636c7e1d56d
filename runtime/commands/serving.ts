import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { localPrincipal } from '../auth/local.ts'
import type { Problem } from '../contract/place.ts'
import { startHub, type Hub } from '../hub.ts'
import { formatProblems } from '../manifest/problems.ts'
import type { Registry } from '../registry/types.ts'
import { CommandError, exits } from './exits.ts'
import { createCommandLog, tellProgress } from './local.ts'
import { frozenOptions } from './frozen.ts'
import type { ServeOptions } from './options.ts'
import { inspector, packageRoot, version } from './package.ts'
import { quickStart } from './quick-start.ts'
import { findRunning, noteRunning } from './running.ts'
import { renderScreen, type Screen } from './screen.ts'
import { untilStopped } from './stopping.ts'
import { bad, doubtful, good } from './style.ts'

/** How long the first screen waits for connectors that start with the hub. */
const settleMs = 5_000

/** Serves until this process is told to stop, then closes everything. */
export async function serve(configFile: string, { port, frozen }: ServeOptions & { readonly port?: number }): Promise<void> {
  const begin = performance.now() - process.uptime() * 1000
  const directory = dirname(configFile)
  const running = port === undefined ? await findRunning(directory) : undefined
  if (running) {
    throw new CommandError(exits.problems, `a hub already runs from this folder, at ${running.url} (process ${running.pid})`, [
      'use that one, end it, or give another --port',
    ])
  }

  const { log, secrets } = createCommandLog('warn')
  const stopped = untilStopped()
  const held = await frozenOptions(configFile, frozen)
  const prepared = await quickStart({ directory, env: process.env, log, onProgress: tellProgress })
  try {
    const hub = await startHub({ configFile, env: prepared.env, log, secrets, version, port, ...held, onProgress: tellProgress, onProblems, onReload })
    // The young generation stays as large as the start made it (8 MB): calls leave little behind, and twice that costs 30 MB and gains nothing.
    setFlagsFromString('--semi-space-growth-factor=1')
    try {
      const forget = await noteRunning(directory, fromHere(hub.url)).catch(withoutNote)
      await settle(hub.source.current())
      process.stdout.write(renderScreen(screenOf(hub, port, performance.now() - begin)))
      await stopped
      process.stderr.write('stopping …\n')
      await forget()
    } finally {
      await hub.close()
    }
  } finally {
    await prepared.close()
  }
}

/** Only commands of this folder look for the note: a hub in a container whose files cannot be written serves without. */
function withoutNote(error: unknown): () => Promise<void> {
  const why = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${doubtful(`other commands will not find this hub by its folder, give them --url: ${why}`)}\n`)
  return () => Promise.resolve()
}

const isEverywhere = (url: string): boolean => /\/\/(0\.0\.0\.0|\[::\]):/.test(url)
const fromHere = (url: string): string => url.replace(/\/\/(0\.0\.0\.0|\[::\]):/, '//127.0.0.1:')

/** Waits for what starts with the hub, so that the screen tells how it is; not for what takes its time. */
async function settle(registry: Registry): Promise<void> {
  const eager = [...registry.connectors.values()].filter(({ spec }) => spec.start === 'eager' && !spec.off)
  const unhurried = new AbortController().signal
  const late = pause(settleMs, 'late', { ref: false })
  for (;;) {
    const unknown = eager.filter((connector) => connector.health().state === 'unknown')
    const probed = Promise.allSettled(unknown.map((connector) => connector.probe(unhurried)))
    if (unknown.length === 0 || (await Promise.race([probed, late])) === 'late') return
    await pause(50)
  }
}

function screenOf(hub: Hub, port: number | undefined, sinceStartMs: number): Screen {
  const { config } = hub
  return {
    name: config.name,
    version,
    url: port === undefined && isEverywhere(hub.url) ? config.publicUrl : fromHere(hub.url),
    authMode: config.auth.mode,
    connectors: hub.catalogue.connectors(localPrincipal),
    toolsets: hub.source.current().plan.toolsets.map(({ name }) => name),
    sinceStartMs,
    inspector: findInspector(),
    command: existsSync(join(packageRoot, 'runtime', 'main.ts')) ? 'npx hub' : 'hub',
  }
}

/** How to run the Inspector. It needs a current Node, which the machine's own may not be: the hub's is named. What tests have not installed, npx fetches. */
function findInspector(): string {
  const short = (path: string): string => {
    const fromHere = relative(process.cwd(), path)
    return fromHere.startsWith('..') ? path : fromHere
  }
  const programs = join(packageRoot, 'node_modules', '.bin')
  const own = join(programs, 'node')
  const node = existsSync(own) ? own : process.execPath
  const program = join(programs, 'mcp-inspector')
  if (existsSync(program)) return `${short(node)} ${short(program)}`
  return `PATH="${dirname(node)}:$PATH" npx --yes ${inspector}`
}

function onProblems(problems: readonly Problem[]): void {
  process.stderr.write(`\n${formatProblems(problems)}\n${bad('this edit is not served; the plan before it is')}\n`)
}

function onReload(registry: Registry): void {
  process.stderr.write(
    `${good('edit served')}: ${registry.plan.connectors.length} connectors, ${registry.plan.connectors.flatMap(({ tools }) => tools).length} tools\n`,
  )
}
