import type { Definitions } from './kind.ts'
import type { JsonObject } from './json.ts'
import type { Place, Problem } from './place.ts'
import type { Role } from './principal.ts'
import type { PromptSpec, RatePolicy, ResourceSpec, ToolSpec } from './tool.ts'

/** One connector after the compiler: checked, defaults laid, secrets resolved. Frozen. */
export interface ConnectorSpec {
  readonly name: string
  readonly kind: string
  readonly summary: string
  readonly tier?: string
  /** eager: opened at start; lazy: at first use. */
  readonly start: 'eager' | 'lazy'
  /** Secrets are `Secret` objects; everything else is plain data. */
  readonly config: JsonObject
  /** Set when the connector cannot be opened: switched off, or a secret or setting is missing. Its tools are not offered. */
  readonly off?: { readonly reason: string; readonly needs: readonly string[] }
  readonly tools: readonly ToolSpec[]
  readonly resources: readonly ResourceSpec[]
  readonly prompts: readonly PromptSpec[]
  readonly fallback: readonly string[]
  readonly definitions?: Definitions
  /** Of everything the connector is opened with; equal digests may share one open connector across reloads. */
  readonly digest: string
  readonly directory: string
  readonly place: Place
}

/** A named selection of tools, prompts and resources. Patterns are globs with `*` over full names. */
export interface ToolsetSpec {
  readonly name: string
  readonly tools: readonly string[]
  readonly prompts: readonly string[]
  readonly resources: readonly string[]
  readonly place: Place
}

/** Everything the manifests say, checked and frozen. */
export interface Plan {
  readonly digest: string
  readonly hub: HubConfig
  readonly connectors: readonly ConnectorSpec[]
  readonly toolsets: readonly ToolsetSpec[]
  readonly warnings: readonly Problem[]
  /** Absolute paths of every file the plan was read from, definitions included. */
  readonly files: readonly string[]
}

/** One issuer of bearer tokens this hub trusts. */
export interface IssuerConfig {
  readonly url: string
  readonly audience: string
  /** The JWKS address; absent: read from the issuer's metadata. */
  readonly jwks?: string
  readonly algorithms: readonly string[]
  /** The claim that names the organisation; absent: every token is of organisation `default`. */
  readonly organisationClaim?: string
  readonly roleClaim?: string
  readonly roleMap: Readonly<Record<string, Role>>
  /** The role of a token that the map does not name. */
  readonly defaultRole: Role
}

/** hub.config.yaml, after the compiler. */
export interface HubConfig {
  readonly name: string
  readonly version: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly publicUrl: string
  /** The folder of hub.config.yaml; `.hub/` lies in it. */
  readonly directory: string
  readonly stores: {
    /** A `postgres://` URL behind a Secret, or 'embedded'. */
    readonly postgres: unknown
    readonly redis: unknown
  }
  readonly auth: {
    readonly mode: 'local' | 'keys' | 'oauth' | 'keys+oauth'
    readonly issuers: readonly IssuerConfig[]
    readonly cors: readonly string[]
    /** Further Host names this hub answers to besides loopback and publicUrl. */
    readonly hosts: readonly string[]
  }
  readonly limits: {
    readonly principal: RatePolicy
    readonly organisation: RatePolicy
    readonly bodyBytes: number
    readonly concurrency: number
  }
  readonly egress: {
    /** CIDR ranges and host names that may be reached although they are private. */
    readonly allow: readonly string[]
  }
}
