import { durationMs, timerMs } from '../../contract/duration.ts'
import type { Secret } from '../../contract/secret.ts'

/** `config:` of a connector of kind mcp, after the compiler. Exactly one of `package`, `command` and `url` is set. */
export interface McpConfig {
  readonly package?: { readonly registry: 'npm' | 'pypi'; readonly name: string; readonly version: string; readonly bin?: string }
  readonly command?: string
  readonly args?: readonly string[]
  readonly url?: string | Secret
  readonly transport?: 'stdio' | 'http' | 'sse'
  readonly env?: Readonly<Record<string, string | number | boolean | Secret | null>>
  readonly cwd?: string
  readonly headers?: Readonly<Record<string, string | number | boolean | Secret | null>>
  readonly start?: 'eager' | 'lazy'
  readonly idle?: string | number
  readonly session?: 'shared' | 'caller'
  readonly era?: 'auto' | 'modern' | 'legacy'
  readonly prompts?: boolean
  readonly resources?: boolean
  readonly logLevel?: string
}

/** `operation:` of a tool of kind mcp: the upstream's name for it, where that is not the tool's own. */
export interface McpOperation {
  readonly tool?: string
}

/** How an upstream is reached, after `transport` is settled. */
export type Road = 'stdio' | 'http' | 'sse'

/** What `transport` says, or what follows from the rest. */
export const roadOf = (config: McpConfig): Road => config.transport ?? (config.url === undefined ? 'stdio' : 'http')

/** Milliseconds of `250ms`, `30s`, `10m`, `2h`, `1d` or a plain number of milliseconds; undefined for anything else. */
export function settingMs(value: string | number | undefined): number | undefined {
  if (typeof value === 'number') return timerMs(value)
  const ms = durationMs(value ?? '')
  return Number.isNaN(ms) ? undefined : timerMs(ms)
}
