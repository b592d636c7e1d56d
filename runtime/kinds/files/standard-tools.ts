import type { JsonObject } from '../../contract/json.ts'
import type { StandardTool } from '../../contract/tool.ts'

const integer = (description: string, rest: JsonObject = {}): JsonObject => ({ type: 'integer', description, ...rest })
const closed = (required: readonly string[], properties: JsonObject, rest: JsonObject = {}): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  ...(required.length > 0 && { required }),
  properties,
  ...rest,
})
const answer = (required: readonly string[], properties: JsonObject): JsonObject => ({ type: 'object', required, properties })

const mostPath = 1_024
const folder: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 40,
  description: 'The folder’s name; list_files without one tells which there are.',
  examples: ['notes'],
}
const path: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: mostPath,
  description: 'The file, from the folder on, with / between names. Not encoded; no .., no \\, no leading /.',
  examples: ['btc/2026-11-21.md'],
}
const below: JsonObject = {
  type: 'string',
  maxLength: mostPath,
  default: '',
  description: 'A folder below it; empty for the folder itself.',
  examples: ['btc'],
}
const match: JsonObject = {
  type: 'string',
  minLength: 1,
  maxLength: 500,
  description: 'Only paths that fit: * and ? within a name, ** for any folders. Without a slash it is the name alone that must fit.',
  examples: ['*.md', 'btc/**/*.json'],
}
const ifMatch: JsonObject = {
  type: 'string',
  maxLength: 100,
  description: 'The etag you read. Refused when the file was changed since, so that nobody’s work is lost.',
}
const etag: JsonObject = { type: 'string', description: 'Changes whenever the file does; for ifMatch.' }
const modified: JsonObject = { type: 'string', format: 'date-time' }
const size = integer('Bytes of the whole file.')
const usage: JsonObject = {
  ...answer(['files', 'bytes'], { files: integer('Files the folder holds now.'), bytes: integer('Bytes of all of them.') }),
  description: 'What the folder holds after this.',
}
const entry = answer(['path', 'type', 'modified'], {
  path: { type: 'string' },
  type: { enum: ['file', 'folder'] },
  size: integer('Bytes, of files.'),
  modified,
  mimeType: { type: 'string' },
  etag,
})

const listFiles: StandardTool = {
  name: 'list_files',
  summary: 'The files and folders in a folder, or (without a folder) the folders there are.',
  description: 'In the order of their paths. When there are more, next tells the path to give as after.',
  effect: 'read',
  input: closed(
    [],
    {
      folder,
      path: below,
      match,
      recursive: { type: 'boolean', default: false, description: 'What is in folders below, too.' },
      limit: integer('How many at most.', { minimum: 1, maximum: 1_000, default: 100 }),
      after: { type: 'string', maxLength: mostPath, description: 'next of the page before.' },
    },
    { examples: [{ folder: 'notes', match: '*.md', recursive: true }] },
  ),
  output: answer(['rows'], {
    rows: { type: 'array', items: { anyOf: [entry, answer(['folder'], { folder: { type: 'string' }, summary: { type: 'string' } })] } },
    next: { type: 'string', description: 'Give it as after for the next page; absent at the end.' },
  }),
  operation: { standard: 'list_files' },
}

const readFile: StandardTool = {
  name: 'read_file',
  summary: 'A file, or a part of it by bytes or by lines: its text, or base64 where it is no UTF-8.',
  description:
    'Long files come in parts: while there is next, read again with its offset (and its line) and the same etag as ifMatch. line: -100 reads the last 100 lines.',
  effect: 'read',
  input: closed(
    ['folder', 'path'],
    {
      folder,
      path,
      offset: integer('The byte to begin at; negative: so many before the end. A character is never divided.'),
      length: integer('How many bytes at most.', { minimum: 1 }),
      line: integer('The line to begin at, from 1; negative: so many lines before the end.'),
      lines: integer('How many whole lines at most.', { minimum: 1 }),
      as: { enum: ['auto', 'text', 'base64'], default: 'auto', description: 'auto: text where it is UTF-8, else base64.' },
      ifMatch,
    },
    { examples: [{ folder: 'notes', path: 'btc/2026-11-21.md' }] },
  ),
  output: answer(['folder', 'path', 'size', 'modified', 'etag', 'mimeType', 'offset', 'length'], {
    folder: { type: 'string' },
    path: { type: 'string' },
    text: { type: 'string', description: 'The part, where it is UTF-8.' },
    base64: { type: 'string', description: 'The part, where it is not.' },
    mimeType: { type: 'string' },
    size,
    modified,
    etag,
    offset: integer('The byte the part begins at.'),
    length: integer('Bytes of the part.'),
    line: integer('The number of its first line, where that is known.'),
    next: {
      ...answer(['offset'], { offset: integer('Begin here.'), line: integer('The line that begins there.') }),
      description: 'How to go on; absent at the end of the file.',
    },
  }),
  operation: { standard: 'read_file' },
}

const written = answer(['folder', 'path', 'size', 'modified', 'etag', 'created', 'usage'], {
  folder: { type: 'string' },
  path: { type: 'string' },
  size,
  modified,
  etag,
  created: { type: 'boolean', description: 'There was no file of that name before.' },
  usage,
})

const writeFile: StandardTool = {
  name: 'write_file',
  summary: 'Writes a file: a new one, over an older one, or at the end of one.',
  description:
    'All or nothing: readers see the older file or the newer one. Folders on the way are made. To change a file that others may change, read it and give its etag as ifMatch.',
  effect: 'write',
  input: closed(
    ['folder', 'path'],
    {
      folder,
      path,
      text: { type: 'string', description: 'What to write, as text. One of text and base64.' },
      base64: { type: 'string', contentEncoding: 'base64', description: 'What to write, as bytes.' },
      mode: {
        enum: ['create', 'replace', 'append'],
        default: 'replace',
        description: 'create: only where there is none yet; replace: the whole file, old or new; append: at its end.',
      },
      ifMatch,
    },
    { examples: [{ folder: 'notes', path: 'btc/2026-11-21.md', text: '# BTC\n' }] },
  ),
  output: written,
  operation: { standard: 'write_file' },
  annotations: { destructiveHint: true },
}

const deleteFile: StandardTool = {
  name: 'delete_file',
  summary: 'Deletes one file. Folders go with their last file.',
  effect: 'destroy',
  input: closed(['folder', 'path'], { folder, path, ifMatch }, { examples: [{ folder: 'notes', path: 'btc/2026-11-21.md' }] }),
  output: answer(['folder', 'path', 'usage'], { folder: { type: 'string' }, path: { type: 'string' }, usage }),
  operation: { standard: 'delete_file' },
}

const moveFile: StandardTool = {
  name: 'move_file',
  summary: 'Gives a file another path, in the same folder or another.',
  effect: 'write',
  input: closed(
    ['folder', 'path', 'to'],
    {
      folder,
      path,
      to: { ...path, description: 'The new path. Folders on the way are made.' },
      toFolder: { ...folder, description: 'The folder of the new path; without it the same.' },
      overwrite: { type: 'boolean', default: false, description: 'Take the place of a file that is there.' },
      ifMatch,
    },
    { examples: [{ folder: 'notes', path: 'draft.md', to: 'btc/2026-11-21.md' }] },
  ),
  output: written,
  operation: { standard: 'move_file' },
  annotations: { destructiveHint: true },
}

const searchFiles: StandardTool = {
  name: 'search_files',
  summary: 'Looks for a text or a regular expression in the names and the contents of files.',
  description: 'Line by line, in the order of the paths; files that hold no text are passed over. When there is more, next tells what to give as after.',
  effect: 'read',
  input: closed(
    ['folder'],
    {
      folder,
      text: { type: 'string', minLength: 1, maxLength: 1_000, description: 'A text, as it is. One of text and pattern.' },
      pattern: {
        type: 'string',
        minLength: 1,
        maxLength: 1_000,
        description: 'A regular expression in RE2 syntax: no look-around, no back-references.',
        examples: ['close(d)? (above|below) \\d+'],
      },
      ignoreCase: { type: 'boolean', default: false, description: 'Small and capital letters are the same.' },
      in: { enum: ['contents', 'names', 'both'], default: 'both', description: 'Where to look.' },
      path: below,
      match,
      context: integer('Lines to tell before and after each line that is found.', { minimum: 0, maximum: 10, default: 0 }),
      limit: integer('How many finds at most.', { minimum: 1, maximum: 1_000, default: 50 }),
      after: { type: 'string', maxLength: mostPath + 100, description: 'next of the search before.' },
    },
    { examples: [{ folder: 'notes', text: 'divergence', context: 2 }] },
  ),
  output: answer(['rows', 'searched'], {
    rows: {
      type: 'array',
      items: answer(['path'], {
        path: { type: 'string' },
        line: integer('From 1; absent where the name was found.'),
        column: integer('From 1, in UTF-16 units.'),
        text: { type: 'string', description: 'The line; a long one is cut around what was found.' },
        before: { type: 'array', items: { type: 'string' } },
        after: { type: 'array', items: { type: 'string' } },
      }),
    },
    searched: answer(['files', 'bytes', 'binary'], {
      files: integer('Files looked at.'),
      bytes: integer('Bytes read.'),
      binary: integer('Files passed over, since they hold no text.'),
    }),
    next: { type: 'string', description: 'Give it as after to go on; absent when everything was searched.' },
  }),
  operation: { standard: 'search_files' },
}

const usageTool: StandardTool = {
  name: 'usage',
  summary: 'What each folder holds, what it may hold, and what it is for.',
  effect: 'read',
  input: closed([], { folder: { ...folder, description: 'Only this folder.' } }),
  output: answer(['rows'], {
    rows: {
      type: 'array',
      items: answer(['folder', 'summary', 'shared', 'canWrite', 'files', 'bytes'], {
        folder: { type: 'string' },
        summary: { type: 'string' },
        shared: { enum: ['organisation', 'agent', 'hub'], description: 'Who sees these files: your organisation, you alone, or everybody.' },
        canWrite: { type: 'boolean' },
        files: integer('Files it holds.'),
        bytes: integer('Bytes of all of them.'),
        quota: answer(['files', 'bytes', 'fileBytes'], {
          files: integer('Files it may hold.'),
          bytes: integer('Bytes it may hold.'),
          fileBytes: integer('Bytes one file may have.'),
        }),
      }),
    },
  }),
  operation: { standard: 'usage' },
}

/** Tools every connector of this kind has without writing them. */
export const standardTools: readonly StandardTool[] = [listFiles, readFile, writeFile, deleteFile, moveFile, searchFiles, usageTool]
