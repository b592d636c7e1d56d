import type { Json, JsonObject } from '../../contract/json.ts'

/** A number of the manifest, or the hole of an input that holds one. */
export type NumberOrHole = number | string

/** A part of a file to answer. */
export interface ReadOperation {
  readonly read: {
    readonly folder: string
    readonly path: string
    /** file: what read_file answers; text: the text alone; json: the document in it. */
    readonly as?: 'file' | 'text' | 'json'
    readonly line?: NumberOrHole
    readonly lines?: NumberOrHole
    readonly offset?: NumberOrHole
    readonly length?: NumberOrHole
  }
}

/** A whole file to write. */
export interface WriteOperation {
  readonly write: {
    readonly folder: string
    readonly path: string
    readonly text?: string
    readonly json?: Json
    readonly base64?: string
    readonly mode?: 'create' | 'replace'
    readonly ifMatch?: string
  }
}

/** What to put at the end of a file. */
export interface AppendOperation {
  readonly append: { readonly folder: string; readonly path: string; readonly text?: string; readonly json?: Json }
}

/** What to list. */
export interface ListOperation {
  readonly list: {
    readonly folder: string
    readonly path?: string
    readonly match?: string
    readonly recursive?: boolean
    readonly limit?: NumberOrHole
    readonly after?: string
  }
}

/** A standard tool: folder and path come from its caller. */
export interface StandardOperation {
  readonly standard: 'list_files' | 'read_file' | 'write_file' | 'delete_file' | 'move_file' | 'search_files' | 'usage'
}

/** `operation:` of a tool of this kind. */
export type FilesOperation = ReadOperation | WriteOperation | AppendOperation | ListOperation | StandardOperation

const folder: JsonObject = { type: 'string', minLength: 1, description: 'One of the folders of config.', examples: ['notes'] }
const path = (description: string): JsonObject => ({ type: 'string', minLength: 1, description, examples: ['{symbol}/{day}.md'] })
const holes = '{name} is the input of that name and stays within one name of the path; {+name} may hold slashes.'
const number = (description: string): JsonObject => ({
  anyOf: [{ type: 'integer' }, { type: 'string', pattern: '^\\{[A-Za-z_$][\\w.$-]*\\}$' }],
  description: `${description} A number, or the {hole} of an input.`,
})
const text = (description: string): JsonObject => ({ type: 'string', description, examples: ['{text}'] })
const document: JsonObject = {
  description:
    'A JSON document instead, with {holes}. A text that is one hole is the input as it is, whatever its type; a key whose input is left out is left out too.',
  examples: ['{state}', { at: '{at}', note: '{note}' }],
}
const fields = (description: string, required: readonly string[], properties: JsonObject): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  required,
  description,
  properties,
})

/** The schema of `operation:`. `standard` is for the standard tools. */
export const operationSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    read: fields('Answers a file, or a part of it.', ['folder', 'path'], {
      folder,
      path: path(`Which file. ${holes}`),
      as: {
        enum: ['file', 'text', 'json'],
        default: 'file',
        description: 'file: text or base64 with size, etag and how to go on; text: the text alone; json: the document the file holds.',
      },
      line: number('The line to begin at, from 1; negative: from the end.'),
      lines: number('How many lines.'),
      offset: number('The byte to begin at; negative: from the end.'),
      length: number('How many bytes.'),
    }),
    write: fields('Writes a whole file.', ['folder', 'path'], {
      folder,
      path: path(`Which file; folders on the way are made. ${holes}`),
      text: text('What it will hold, with {holes}.'),
      json: document,
      base64: text('Bytes instead, as base64.'),
      mode: { enum: ['create', 'replace'], default: 'replace', description: 'create: only where there is none; replace: also over an older one.' },
      ifMatch: text('The etag the older one must have.'),
    }),
    append: fields('Puts a text at the end of a file, or begins one.', ['folder', 'path'], {
      folder,
      path: path(`Which file; folders on the way are made. ${holes}`),
      text: text('What to put there, with {holes}; a line ends with \\n in double quotes.'),
      json: { ...document, description: `A line of JSON instead (JSON Lines). ${String(document['description'])}` },
    }),
    list: fields('Lists what is in a folder.', ['folder'], {
      folder,
      path: path(`The folder below it. ${holes}`),
      match: { type: 'string', minLength: 1, description: 'A glob: * and ? within a name, ** for any folders.', examples: ['*.md'] },
      recursive: { type: 'boolean', default: false, description: 'What is in folders below, too.' },
      limit: number('How many at most.'),
      after: text('The path to go on after.'),
    }),
    standard: {
      enum: ['list_files', 'read_file', 'write_file', 'delete_file', 'move_file', 'search_files', 'usage'],
      description: 'Folder and path come from the caller.',
    },
  },
  oneOf: [{ required: ['read'] }, { required: ['write'] }, { required: ['append'] }, { required: ['list'] }, { required: ['standard'] }],
}
