import { resolve } from 'node:path'
import type { JsonObject } from '../../contract/json.ts'

/** Who sees the files of a folder: all callers of one organisation, one caller alone, or everybody (and then nobody writes). */
export type Shared = 'organisation' | 'agent' | 'hub'

/** A folder as the manifest has it. */
export interface FolderConfig {
  readonly summary: string
  readonly shared?: Shared
  readonly write?: boolean
  readonly path?: string
  readonly quota?: { readonly bytes?: string; readonly files?: number; readonly file?: string }
}

/** `config:` of a connector of this kind. */
export interface FilesConfig {
  readonly root: string
  readonly create?: boolean
  readonly folders: Readonly<Record<string, FolderConfig>>
}

/** How much one folder may hold, for each organisation (or agent) that has one. */
export interface Quota {
  readonly bytes: number
  readonly files: number
  /** Of one file. */
  readonly fileBytes: number
}

/** A folder as it is used. */
export interface Folder {
  readonly name: string
  readonly summary: string
  readonly shared: Shared
  readonly canWrite: boolean
  readonly quota: Quota
  /** Where it lies when it does not lie below the root; absolute. */
  readonly path: string | undefined
}

/** Config as it is used. */
export interface Settings {
  /** Absolute. */
  readonly root: string
  /** Whether the root is made when it is not there. */
  readonly create: boolean
  readonly folders: ReadonlyMap<string, Folder>
}

const defaults = { bytes: '10mb', files: 1_000, file: '1mb' }
const size = (description: string, otherwise: string): JsonObject => ({
  type: 'string',
  pattern: '^\\d+(\\.\\d+)?(b|kb|mb|gb)$',
  title: 'size such as 10mb',
  default: otherwise,
  description,
})

const quotaSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  description: 'How much the folder may hold, for each organisation, or for each agent where shared is agent.',
  properties: {
    bytes: size('All its files together.', defaults.bytes),
    files: { type: 'integer', minimum: 1, maximum: 100_000, default: defaults.files, description: 'How many files.' },
    file: size('One file. A request has at most limits.body of hub.config.yaml; longer files grow by appending.', defaults.file),
  },
}

/** What a folder may be called. */
export const folderPattern = '^[a-z0-9][a-z0-9_-]{0,39}$'

const folderSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['summary'],
  description: 'A folder: its name is what callers say.',
  properties: {
    summary: { type: 'string', minLength: 1, description: 'What the folder is for; models read it.', examples: ['What we learned about each symbol.'] },
    shared: {
      enum: ['organisation', 'agent', 'hub'],
      default: 'organisation',
      description:
        'Who sees its files. organisation: all callers of one organisation; agent: each caller its own; hub: the same files for everybody, and nobody writes.',
    },
    write: { type: 'boolean', default: true, description: 'Whether callers may write, move and delete. Folders of the hub are never written.' },
    quota: quotaSchema,
    path: {
      type: 'string',
      minLength: 1,
      description:
        'For shared: hub: where its files lie, from the manifest on; without it <root>/hub/<name>. Of a Kubernetes ConfigMap name the mount’s ..data.',
      examples: ['/etc/agents/..data'],
    },
  },
}

/** The schema of `config:`. */
export const configSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  required: ['root', 'folders'],
  properties: {
    root: {
      type: 'string',
      minLength: 1,
      description: 'The folder everything lies in, from the manifest on. Nothing outside it is ever touched.',
      examples: ['../.hub/files'],
    },
    create: {
      type: 'boolean',
      default: true,
      description:
        'Make the root at the first write when it is not there. Say false for a mount, so that a mount that is missing is not taken for an empty folder.',
    },
    folders: {
      type: 'object',
      minProperties: 1,
      maxProperties: 100,
      propertyNames: { pattern: folderPattern },
      additionalProperties: folderSchema,
      description: 'The folders callers may name.',
    },
  },
}

const units: Readonly<Record<string, number>> = { b: 1, kb: 1_024, mb: 1_048_576, gb: 1_073_741_824 }

/** A size in bytes; the schema made sure that it is one. */
export function bytesOf(text: string): number {
  const [, amount, unit = 'b'] = /^(\d+(?:\.\d+)?)(b|kb|mb|gb)$/.exec(text) ?? []
  return Math.round(Number(amount) * (units[unit] ?? 1))
}

/** Config as it is used; `directory` is the manifest's. */
export function settingsOf(config: FilesConfig, directory: string): Settings {
  const folders = Object.entries(config.folders).map(([name, folder]): readonly [string, Folder] => {
    const { summary, shared = 'organisation', write = true, path, quota } = folder
    const { bytes, files, file } = { ...defaults, ...quota }
    return [
      name,
      {
        name,
        summary,
        shared,
        canWrite: write && shared !== 'hub',
        quota: { bytes: bytesOf(bytes), files, fileBytes: bytesOf(file) },
        path: path === undefined ? undefined : resolve(directory, path),
      },
    ]
  })
  return { root: resolve(directory, config.root), create: config.create ?? true, folders: new Map(folders) }
}
