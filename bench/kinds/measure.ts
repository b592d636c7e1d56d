import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { localPrincipal } from '../../runtime/auth/local.ts'
import type { Answer } from '../../runtime/contract/answer.ts'
import type { Run } from '../../runtime/contract/call.ts'
import type { JsonObject } from '../../runtime/contract/json.ts'
import { openHub, type OpenHub } from '../../runtime/hub.ts'
import { createLogger } from '../../runtime/log/log.ts'
import { grown, type Growth } from './growth.ts'
import type { KindBench, KindGround } from './kind.ts'
import { compare, type Compared, type Pace } from './slices.ts'

/** What was measured of one kind. */
export interface KindResult {
  readonly kind: string
  readonly what: string
  /** Why there is nothing to see: what this machine lacks, or what went wrong. */
  readonly missing?: string
  readonly failed?: string
  readonly compared: readonly Compared[]
  readonly bulk?: Growth & { readonly what: string }
}

/** One caller for the latency, many for the throughput. */
export const kindConcurrencies = { latency: 1, throughput: 32 } as const

/** Starts a kind's system, serves its manifest in a hub in this process, and compares its tool, through the whole pipeline and without it, with the bare driver. */
export async function measureKind(bench: KindBench, pace: Pace, say: (line: string) => void): Promise<KindResult> {
  const { kind, what } = bench
  say('starting its system')
  const ground = await bench.start(say)
  if ('missing' in ground) return { kind, what, missing: ground.missing, compared: [] }
  try {
    const folder = await hubFolder(ground)
    try {
      const hub = await openHub({ configFile: join(folder, 'hub.config.yaml'), env: ground.env, log: createLogger({ level: 'silent' }) })
      try {
        return { kind, what, ...(await compareWith(hub, ground, pace, say)) }
      } finally {
        await hub.close()
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  } finally {
    await ground.stop()
  }
}

async function compareWith(hub: OpenHub, ground: KindGround, pace: Pace, say: (line: string) => void): Promise<Pick<KindResult, 'compared' | 'bulk'>> {
  const tool = (n: number): Promise<void> => call(hub, ground.tool, ground.args(n))
  const bound = hub.source.current().tools.get(ground.tool)
  if (bound === undefined) throw new Error(`the manifest has no tool ${ground.tool}`)
  // Arguments with their defaults, as the pipeline hands them on.
  const handler = async (n: number): Promise<Answer> => {
    const checked = bound.validate(ground.args(n))
    if (checked.faults !== undefined) throw new Error(`${ground.tool} does not take its arguments: ${JSON.stringify(checked.faults)}`)
    return bound.handler(checked.args, bareRun())
  }
  const compared: Compared[] = []
  for (const concurrency of Object.values(kindConcurrencies)) {
    say(`${concurrency} at a time`)
    compared.push(await compare({ tool, handler, bare: ground.bare }, concurrency, pace))
  }
  const { bulk } = ground
  if (bulk === undefined) return { compared }
  say(bulk.what)
  return { compared, bulk: { what: bulk.what, ...(await grown(() => call(hub, bulk.tool, bulk.args))) } }
}

/** One call as a client's would go, from the gates to the polished answer. */
async function call(hub: OpenHub, tool: string, args: JsonObject): Promise<void> {
  const { error, polished } = await hub.callTool(tool, args, localPrincipal)
  if (error !== undefined) throw new Error(`${tool} failed: ${error.code} ${error.message}`)
  if (polished === undefined) throw new Error(`${tool} answered nothing`)
}

/** What a handler is given, with nobody behind it. */
function bareRun(): Run {
  const refuse = (): Promise<never> => Promise.reject(new Error('the bench is asked nothing'))
  return {
    callId: 'bench',
    principal: localPrincipal,
    signal: new AbortController().signal,
    deadline: Date.now() + 60_000,
    trace: {},
    callerCapabilities: {},
    progress: () => undefined,
    log: () => undefined,
    call: refuse,
    ask: refuse,
  }
}

/** A hub with everything on: limits too high to refuse, validation, audit and metrics, its own store in PostgreSQL. */
async function hubFolder({ manifest }: KindGround): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hub-bench-kind-'))
  // PostgreSQL of a root user passes through as another.
  await chmod(folder, 0o755)
  const config = {
    hub: { name: 'bench', listen: '127.0.0.1:0' },
    manifests: ['bench.yaml'],
    stores: { postgres: 'embedded', redis: 'embedded' },
    limits: { principal: '100000000/min', organisation: '100000000/min', body: '1mb', concurrency: 1_024 },
    egress: { allow: ['127.0.0.0/8'] },
  }
  await writeFile(join(folder, 'hub.config.yaml'), stringify(config))
  await writeFile(join(folder, 'bench.yaml'), manifest)
  return folder
}
