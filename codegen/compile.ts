import type { Kind } from '../runtime/contract/kind.ts'
import type { SecretStore } from '../runtime/contract/secret.ts'
import type { Compile, Compiled } from '../runtime/manifest/compile.ts'

/** What code is generated from. */
export interface CodeSource {
  /** Absolute path of hub.config.yaml. */
  readonly configFile: string
  readonly kinds: readonly Kind[]
  /** Of the hub: generated code of another one is made anew. */
  readonly version: string
}

// A secret that a file of one machine holds must not change what is generated there.
const withoutSecrets: readonly SecretStore[] = ['env', 'file'].map((name) => ({ name, read: () => Promise.resolve(undefined) }))

/** Compiles manifests for code: no variable, no overlay, no secret and no absolute path reaches the plan's connectors. */
export const compileForCode = (compile: Compile, source: CodeSource): Promise<Compiled> =>
  compile({ ...source, env: { HUB_DIRECTORY: '.' }, secretStores: withoutSecrets, withoutEnvironment: true })
