import type { Kind } from '../runtime/contract/kind.ts'
import type { ConnectorSpec, Plan } from '../runtime/contract/manifest.ts'
import type { Output } from './emit.ts'
import type { Templates } from './templates.ts'

/** Languages a client can be generated in. */
export const languages = ['typescript', 'python'] as const
/** One of them. */
export type Language = (typeof languages)[number]

/** What every emitter is given. */
export interface Generation {
  /** Compiled without an environment, so that it is the same on every machine: defaults of `${NAME:-default}`, no overlay, no secret. */
  readonly plan: Plan
  /** The kinds that manifests may name. */
  readonly kinds: readonly Kind[]
  /** The hub's own templates, a user's laid over them. */
  readonly templates: Templates
}

/** One sort of generated file. Pure: no clock, no environment, no connection. Paths are from the folder that is generated into, with forward slashes. */
export interface Emitter {
  readonly name: string
  /** Only when code in this language is wanted; absent: always. */
  readonly language?: Language
  /** Files of one connector; made again only when the connector's digest changed. */
  connector?(connector: ConnectorSpec, generation: Generation): readonly Output[] | Promise<readonly Output[]>
  /** Files over all connectors; made again when any changed. A connector that did not change is the same object as last time: what it gives to them may be kept by it, in a WeakMap. */
  whole?(generation: Generation): readonly Output[] | Promise<readonly Output[]>
}
