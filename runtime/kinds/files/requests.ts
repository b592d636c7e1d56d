import type { Path } from './names.ts'
import type { Space } from './spaces.ts'

/** A file as a listing tells it. */
export interface Entry {
  readonly path: string
  readonly type: 'file' | 'folder'
  readonly size?: number
  /** ISO 8601. */
  readonly modified: string
  readonly mimeType?: string
  readonly etag?: string
}

/** Where in a file reading begins, and how far it goes. */
export interface Range {
  /** Bytes; negative: from the end. */
  readonly offset?: number
  readonly length?: number
  /** Counted from 1; negative: from the end. */
  readonly line?: number
  readonly lines?: number
}

/** Everything the worker is asked for. Plain data; `most` bounds the answer in bytes of JSON. */
export type Request =
  | {
      readonly op: 'read'
      readonly space: Space
      readonly path: Path
      readonly range: Range
      readonly as: 'auto' | 'text' | 'base64'
      readonly ifMatch?: string
      readonly most: number
    }
  | {
      readonly op: 'write'
      readonly space: Space
      readonly path: Path
      readonly bytes: Uint8Array
      readonly mode: 'create' | 'replace' | 'append'
      readonly ifMatch?: string
    }
  | { readonly op: 'delete'; readonly space: Space; readonly path: Path; readonly ifMatch?: string }
  | {
      readonly op: 'move'
      readonly space: Space
      readonly path: Path
      readonly toSpace: Space
      readonly to: Path
      readonly overwrite: boolean
      readonly ifMatch?: string
    }
  | {
      readonly op: 'list'
      readonly space: Space
      readonly path: Path
      readonly match?: string
      readonly recursive: boolean
      readonly after?: string
      readonly limit: number
      readonly most: number
    }
  | {
      readonly op: 'search'
      readonly space: Space
      readonly path: Path
      readonly text?: string
      readonly pattern?: string
      readonly ignoreCase: boolean
      readonly where: 'contents' | 'names' | 'both'
      readonly match?: string
      readonly context: number
      readonly after?: string
      readonly limit: number
      readonly most: number
      /** Milliseconds it may take. */
      readonly budgetMs: number
    }
  | { readonly op: 'usage'; readonly space: Space }
  | { readonly op: 'newest'; readonly spaces: readonly Space[]; readonly limit: number }
  | { readonly op: 'watch'; readonly space: Space; readonly path: Path; readonly watch: number }
  | { readonly op: 'unwatch'; readonly watch: number }
  | { readonly op: 'check' }

/** What a file holds, or a part of it. */
export interface ReadReply {
  readonly type: 'text' | 'base64'
  readonly value: string
  readonly mimeType: string
  readonly size: number
  readonly modified: string
  readonly etag: string
  /** In bytes: where the part begins, and its length. */
  readonly offset: number
  readonly length: number
  /** The number of its first line, where that is known. */
  readonly line?: number
  /** Where to go on; absent at the end. */
  readonly next?: { readonly offset: number } | { readonly offset: number; readonly line: number }
}

export interface WriteReply {
  readonly size: number
  readonly modified: string
  readonly etag: string
  readonly created: boolean
  readonly usage: UsageReply
}

export interface ListReply {
  readonly entries: readonly Entry[]
  /** The path to go on after; absent at the end. */
  readonly next?: string
  /** Names that are not served: links, devices, names no path can say. */
  readonly passedOver: number
}

export interface Match {
  readonly path: string
  readonly line?: number
  readonly column?: number
  readonly text?: string
  readonly before?: readonly string[]
  readonly after?: readonly string[]
}

export interface SearchReply {
  readonly matches: readonly Match[]
  readonly files: number
  readonly bytes: number
  /** Files that hold no text. */
  readonly binary: number
  readonly next?: string
  /** What ended the search early. */
  readonly ended?: 'limit' | 'time' | 'bytes'
}

export interface UsageReply {
  readonly files: number
  readonly bytes: number
}

export interface NewestReply {
  readonly entries: readonly (Entry & { readonly folder: string })[]
}

export interface CheckReply {
  readonly state: 'up' | 'degraded'
  readonly detail?: string
  readonly version: string
}

/** What each request is answered with. */
export interface Replies {
  readonly read: ReadReply
  readonly write: WriteReply
  readonly delete: UsageReply
  readonly move: WriteReply
  readonly list: ListReply
  readonly search: SearchReply
  readonly usage: UsageReply
  readonly newest: NewestReply
  readonly watch: null
  readonly unwatch: null
  readonly check: CheckReply
}

/** The reply of one request. */
export type ReplyTo<Asked extends Request> = Replies[Asked['op']]
