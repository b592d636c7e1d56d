import type { JsonObject } from '../contract/json.ts'
import type { Kind } from '../contract/kind.ts'
import type { Pinned } from './definitions.ts'
import type { CheckSchema } from './json-schema.ts'
import type { Lifetimes } from './policy.ts'
import type { Remark, Tell } from './problems.ts'
import type { Library, TellIn } from './references.ts'
import type { Path, Source } from './source.ts'
import type { CheckArguments } from './test-arguments.ts'

/** One connector's file on its way into the plan: what its parts are built from. */
export interface Manifest {
  readonly source: Source
  readonly name: string
  readonly kind: Kind
  /** As written: before the environment, for schemas and digests. */
  readonly written: JsonObject
  /** Checked, with defaults laid and the environment put in. */
  readonly value: JsonObject
  /** Default policies of hub, tier and connector, the weakest first. */
  readonly layers: readonly JsonObject[]
  readonly lifetimes: Lifetimes
  readonly pinned?: Pinned
  /** Of the config the connector is opened with: answers depend on it. */
  readonly configDigest: string
  readonly library: Library
  readonly checkSchema: CheckSchema
  /** Absent: arguments of tests are not looked at. */
  readonly checkArguments?: CheckArguments
  readonly tell: Tell
  readonly tellIn: TellIn
  /** True when an error was told at or below a path, or a value there waits for a setting: what depends on it is not looked at. */
  isUnsound(path: Path): boolean
}

/** The same finding, of a part of the manifest. */
export const under = (path: Path, remark: Remark): Remark => ({ ...remark, path: [...path, ...remark.path] })
