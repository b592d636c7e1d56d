import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler, Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { parseJson, type Json, type JsonObject } from '../../contract/json.ts'
import type { ToolPolicy } from '../../contract/tool.ts'
import { listAnswer, readAnswer, roomOf } from './answers.ts'
import { bytesOfBase64, bytesOfText } from './content.ts'
import type { Desk } from './desk.ts'
import { refused } from './failures.ts'
import type { Folders } from './folders.ts'
import { parseFolderPath, parsePath } from './names.ts'
import type { AppendOperation, FilesOperation, ListOperation, ReadOperation, StandardOperation, WriteOperation } from './operation.ts'
import { fillJson, fillNumber, fillPath, fillText } from './template.ts'

/** Binds an operation the manifest wrote: its folder is fixed, its path a template. */
export function bindDeclared(operation: Exclude<FilesOperation, StandardOperation>, policy: ToolPolicy, folders: Folders, desk: Desk): Handler {
  if ('read' in operation) return bindRead(operation.read, policy, folders, desk)
  if ('list' in operation) return bindList(operation.list, policy, folders, desk)
  if ('write' in operation) return bindWrite(operation.write, folders, desk)
  return bindAppend(operation.append, folders, desk)
}

function bindRead(read: ReadOperation['read'], policy: ToolPolicy, folders: Folders, desk: Desk): Handler {
  const most = roomOf(policy)
  const { as = 'file' } = read
  return async (args, run) => {
    const space = folders.space(read.folder, run.principal)
    const path = parsePath(fillPath(read.path, args))
    const reply = await desk.ask({ op: 'read', space, path, range: rangeOf(read, args), as: as === 'file' ? 'auto' : 'text', most }, run.signal)
    if (as === 'file') return readAnswer(reply, space.folder, path)
    const asOf = { asOf: reply.modified }
    if (as === 'json') return { type: 'data', data: documentIn(reply.value, reply.next !== undefined, path.join('/')), ...asOf }
    return {
      type: 'data',
      data: { text: reply.value },
      ...asOf,
      ...(reply.next && { notes: [`only the first ${reply.length} of ${reply.size} bytes are here`] }),
    }
  }
}

function rangeOf({ line, lines, offset, length }: ReadOperation['read'], args: Args): { line?: number; lines?: number; offset?: number; length?: number } {
  const first = fillNumber(line, args)
  const many = fillNumber(lines, args) ?? (first === undefined ? undefined : Infinity)
  const [from, bytes] = [fillNumber(offset, args), fillNumber(length, args)]
  return {
    ...(first !== undefined && { line: first }),
    ...(many !== undefined && { lines: many }),
    ...(from !== undefined && { offset: from }),
    ...(bytes !== undefined && { length: bytes }),
  }
}

function documentIn(text: string, isCut: boolean, path: string): Json {
  if (isCut) throw refused(`"${path}" is longer than this tool may answer; read it in parts with read_file`, { path })
  try {
    return parseJson(text)
  } catch {
    throw new HubError('HUB_UPSTREAM_FAILED', `"${path}" holds no JSON; read_file shows what it holds`, { path })
  }
}

function bindList(list: ListOperation['list'], policy: ToolPolicy, folders: Folders, desk: Desk): Handler {
  const most = roomOf(policy)
  return async (args, run) => {
    const space = folders.space(list.folder, run.principal)
    const after = list.after === undefined ? '' : fillText(list.after, args)
    const asked = {
      op: 'list',
      space,
      path: list.path === undefined ? [] : parseFolderPath(fillPath(list.path, args)),
      ...(list.match !== undefined && { match: fillText(list.match, args) }),
      recursive: list.recursive ?? false,
      ...(after !== '' && { after }),
      limit: Math.max(1, Math.min(fillNumber(list.limit, args) ?? policy.result.rows, policy.result.rows)),
      most,
    } as const
    return listAnswer(await desk.ask(asked, run.signal), space.folder)
  }
}

function bindWrite(write: WriteOperation['write'], folders: Folders, desk: Desk): Handler {
  const { mode = 'replace' } = write
  return async (args, run) => {
    const ifMatch = write.ifMatch === undefined ? '' : fillText(write.ifMatch, args)
    return put(write, args, run, folders, desk, mode, ifMatch)
  }
}

function bindAppend(append: AppendOperation['append'], folders: Folders, desk: Desk): Handler {
  return async (args, run) => put(append, args, run, folders, desk, 'append', '')
}

type Content = Pick<WriteOperation['write'], 'folder' | 'path' | 'text' | 'json' | 'base64'>

async function put(
  content: Content,
  args: Args,
  run: Run,
  folders: Folders,
  desk: Desk,
  mode: 'create' | 'replace' | 'append',
  ifMatch: string,
): Promise<Answer> {
  const space = folders.space(content.folder, run.principal)
  const path = parsePath(fillPath(content.path, args))
  const bytes = bytesOf(content, args, mode === 'append')
  const reply = await desk.ask({ op: 'write', space, path, bytes, mode, ...(ifMatch !== '' && { ifMatch }) }, run.signal)
  return { type: 'data', data: { folder: space.folder, path: path.join('/'), ...reply } as object as JsonObject }
}

function bytesOf({ text, json, base64 }: Content, args: Args, isLine: boolean): Uint8Array {
  if (base64 !== undefined) return bytesOfBase64(fillText(base64, args), 'base64')
  if (json === undefined) return bytesOfText(fillText(text ?? '', args), 'text')
  const document = fillJson(json, args) ?? null
  return bytesOfText(`${JSON.stringify(document, undefined, isLine ? undefined : 2)}\n`, 'json')
}
