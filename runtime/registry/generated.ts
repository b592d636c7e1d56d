import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { ConnectorSpec } from '../contract/manifest.ts'
import type { Logger } from '../contract/telemetry.ts'
import { codeDigest } from '../manifest/code-digest.ts'
import type { Check } from './arguments.ts'

/** The check codegen wrote of a tool's input, by the tool's local name; undefined where there is none that fits the connector as it is today. */
export type GeneratedChecks = (connector: ConnectorSpec) => (local: string) => Check | undefined

interface GeneratedTools {
  readonly [local: string]: { readonly input?: Check }
}

/** Finds checks in `<folder>/<connector>.js`. A connector's file is loaded by the first call of one of its tools; one that is of other schemas, or broken, counts as not there. */
export function createGeneratedChecks(folder: string, log: Logger): GeneratedChecks {
  const load = createRequire(import.meta.url)

  // A module of a path is loaded once in a process: one that was written anew since is of another digest, and its connector is compiled until the hub starts again.
  function read(connector: ConnectorSpec): GeneratedTools | undefined {
    const path = join(folder, `${connector.name}.js`)
    if (!existsSync(path)) return undefined
    try {
      const module: unknown = load(path)
      const { codeDigest: digest, tools } = asModule(module)
      if (digest === codeDigest(connector)) return tools
      log.info('generated code is of other schemas; its tools are compiled', { connector: connector.name })
    } catch (error) {
      log.warn('generated code cannot be used; its tools are compiled', { connector: connector.name, path, error })
    }
    return undefined
  }

  return (connector) => {
    let tools: GeneratedTools | undefined
    let isRead = false
    return (local) => {
      if (!isRead) {
        tools = read(connector)
        isRead = true
      }
      return tools && Object.hasOwn(tools, local) ? tools[local]?.input : undefined
    }
  }
}

function asModule(module: unknown): { readonly codeDigest: string; readonly tools: GeneratedTools } {
  const { codeDigest: digest, tools } = module as { readonly codeDigest?: unknown; readonly tools?: unknown }
  if (typeof digest !== 'string' || typeof tools !== 'object' || tools === null) throw new TypeError('it exports no codeDigest and tools')
  for (const checks of Object.values(tools)) {
    const input: unknown = (checks as { readonly input?: unknown } | null)?.input
    if (input !== undefined && typeof input !== 'function') throw new TypeError('a check is not a function')
  }
  return { codeDigest: digest, tools: tools as GeneratedTools }
}
