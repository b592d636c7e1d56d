import type { Run } from '../../runtime/contract/call.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import type { KindTools } from '../../runtime/contract/kind.ts'
import type { Principal } from '../../runtime/contract/principal.ts'
import type { Logger } from '../../runtime/contract/telemetry.ts'

/** What a kind is lent in its tests, and what it did with it. */
export interface Lent extends KindTools {
  readonly protectedValues: readonly string[]
  readonly logged: readonly string[]
}

/** The tools of a hub, as far as a kind can see them, without the hub: nothing to log to, nothing to fetch from. */
export function lend(connector: string): Lent {
  const protectedValues: string[] = []
  const logged: string[] = []
  const keep = (message: string, fields?: object): void => void logged.push(`${message} ${JSON.stringify(fields ?? {})}`)
  const log: Logger = { debug: keep, info: keep, warn: keep, error: keep, child: () => log }
  return {
    connector,
    directory: process.cwd(),
    log,
    secrets: {
      protect: (value) => void protectedValues.push(value),
      scrub: (text) => protectedValues.reduce((left, value) => left.replaceAll(value, '[secret]'), text),
    },
    egress: {
      check: () => Promise.resolve(),
      fetch: () => Promise.reject(new HubError('HUB_EGRESS_DENIED', 'tests fetch nothing')),
      dispatcher: undefined,
      aside: undefined,
    },
    meter: { count: () => {}, observe: () => {} },
    store: { get: () => Promise.resolve(undefined), set: () => Promise.resolve(), delete: () => Promise.resolve() },
    healthChanged: () => {},
    hub: { catalogue: { connectors: () => [], describe: () => undefined, suggest: () => [], health: () => ({}) } },
    protectedValues,
    logged,
  }
}

/** Someone who may do everything. */
export const someone: Principal = { id: 'someone', organisation: 'default', credential: 'local', role: 'admin', scopes: new Set(), via: 'local' }

/** A run of one call, as the pipeline would make it. */
export function runWith(signal: AbortSignal = new AbortController().signal, deadline = Date.now() + 60_000): Run {
  // The pipeline's run is an object with a life: a method torn off it fails there, and so it does here.
  function needed(this: Run | undefined): void {
    if (this === undefined) throw new TypeError('a method of a run was called without its run')
  }
  return {
    callId: 'call-1',
    principal: someone,
    signal,
    deadline,
    trace: {},
    callerCapabilities: {},
    progress: needed,
    log: needed,
    call: () => Promise.reject(new HubError('HUB_TOOL_UNKNOWN', 'tests call no other tool')),
    ask: () => Promise.reject(new HubError('HUB_INPUT_UNSUPPORTED', 'tests answer no question')),
  }
}
