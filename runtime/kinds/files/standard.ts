import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler, Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { ToolPolicy } from '../../contract/tool.ts'
import { asRows, listAnswer, readAnswer, roomOf, searchAnswer } from './answers.ts'
import { bytesOfBase64, bytesOfText } from './content.ts'
import type { Desk } from './desk.ts'
import type { Folders } from './folders.ts'
import { parseFolderPath, parsePath } from './names.ts'
import type { StandardOperation } from './operation.ts'
import type { Range } from './requests.ts'

type Act = (args: Args, run: Run) => Promise<Answer>

// The answer itself takes time as well.
const reserveMs = 300
const longestSearchMs = 5_000

/** Binds a standard tool: folder and path are its caller's. */
export function bindStandard(name: StandardOperation['standard'], policy: ToolPolicy, folders: Folders, desk: Desk): Handler {
  const most = roomOf(policy)

  const acts: Readonly<Record<StandardOperation['standard'], Act>> = {
    async list_files(args, run) {
      if (args['folder'] === undefined) return asRows(folders.all().map(({ name, summary, shared, canWrite }) => ({ folder: name, summary, shared, canWrite })))
      const space = folders.space(text(args, 'folder'), run.principal)
      const after = optional(args, 'after')
      const asked = {
        op: 'list',
        space,
        path: parseFolderPath(text(args, 'path', '')),
        ...globIn(args),
        recursive: args['recursive'] === true,
        limit: Math.min(number(args, 'limit') ?? 100, policy.result.rows),
        most,
        ...(after !== undefined && { after }),
      } as const
      return listAnswer(await desk.ask(asked, run.signal), space.folder)
    },

    async read_file(args, run) {
      const space = folders.space(text(args, 'folder'), run.principal)
      const path = parsePath(text(args, 'path'))
      const line = number(args, 'line')
      // From a line on, whole lines are meant.
      const lines = number(args, 'lines') ?? (line === undefined ? undefined : Infinity)
      const range = rangeOf(number(args, 'offset'), number(args, 'length'), line, lines)
      const as = text(args, 'as', 'auto') as 'auto'
      const ifMatch = optional(args, 'ifMatch')
      const asked =
        ifMatch === undefined ? { op: 'read' as const, space, path, range, as, most } : { op: 'read' as const, space, path, range, as, most, ifMatch }
      return readAnswer(await desk.ask(asked, run.signal), space.folder, path)
    },

    async write_file(args, run) {
      const space = folders.space(text(args, 'folder'), run.principal)
      const path = parsePath(text(args, 'path'))
      const [plain, base64] = [optional(args, 'text'), optional(args, 'base64')]
      if ((plain === undefined) === (base64 === undefined)) throw invalid('text', 'or base64 must be given, and not both')
      const bytes = plain === undefined ? bytesOfBase64(base64 as string, 'base64') : bytesOfText(plain, 'text')
      const mode = text(args, 'mode', 'replace') as 'replace'
      return told(space.folder, path, await desk.ask({ op: 'write', space, path, bytes, mode, ...matchIn(args) }, run.signal))
    },

    async delete_file(args, run) {
      const space = folders.space(text(args, 'folder'), run.principal)
      const path = parsePath(text(args, 'path'))
      return told(space.folder, path, { usage: await desk.ask({ op: 'delete', space, path, ...matchIn(args) }, run.signal) })
    },

    async move_file(args, run) {
      const space = folders.space(text(args, 'folder'), run.principal)
      const toSpace = folders.space(text(args, 'toFolder', space.folder), run.principal)
      const [path, to] = [parsePath(text(args, 'path')), parsePath(text(args, 'to'), 'to')]
      const overwrite = args['overwrite'] === true
      return told(toSpace.folder, to, await desk.ask({ op: 'move', space, path, toSpace, to, overwrite, ...matchIn(args) }, run.signal))
    },

    async search_files(args, run) {
      const space = folders.space(text(args, 'folder'), run.principal)
      const [plain, pattern, after] = [optional(args, 'text'), optional(args, 'pattern'), optional(args, 'after')]
      if ((plain === undefined) === (pattern === undefined)) throw invalid('text', 'or pattern must be given, and not both')
      const asked = {
        op: 'search',
        space,
        path: parseFolderPath(text(args, 'path', '')),
        ...given('text', plain),
        ...given('pattern', pattern),
        ignoreCase: args['ignoreCase'] === true,
        where: text(args, 'in', 'both') as 'both',
        ...globIn(args),
        context: number(args, 'context') ?? 0,
        ...given('after', after),
        limit: Math.min(number(args, 'limit') ?? 50, policy.result.rows),
        most,
        budgetMs: Math.max(50, Math.min(longestSearchMs, run.deadline - Date.now() - reserveMs)),
      } as const
      return searchAnswer(await desk.ask(asked, run.signal))
    },

    async usage(args, run) {
      const only = optional(args, 'folder')
      const wanted = only === undefined ? folders.all() : [folders.named(only)]
      const rows: JsonObject[] = []
      for (const { name, summary, shared, canWrite, quota } of wanted) {
        const { files, bytes } = await desk.ask({ op: 'usage', space: folders.space(name, run.principal) }, run.signal)
        rows.push({ folder: name, summary, shared, canWrite, files, bytes, ...(shared !== 'hub' && { quota: { ...quota } }) })
      }
      return asRows(rows)
    },
  }

  return acts[name]
}

const whole: Range = {}

function rangeOf(offset?: number, length?: number, line?: number, lines?: number): Range {
  if (offset === undefined && length === undefined && line === undefined && lines === undefined) return whole
  return { ...given('offset', offset), ...given('length', length), ...given('line', line), ...given('lines', lines) }
}

const told = (folder: string, path: readonly string[], facts: object): Answer => ({
  type: 'data',
  data: { folder, path: path.join('/'), ...facts } as JsonObject,
})

const text = (args: Args, name: string, otherwise?: string): string => String(args[name] ?? otherwise ?? '')
const optional = (args: Args, name: string): string | undefined => (args[name] === undefined ? undefined : String(args[name]))
const given = <Name extends string, Value>(name: Name, value: Value | undefined): { readonly [Key in Name]?: Value } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Value }
const matchIn = (args: Args): { readonly ifMatch?: string } => given('ifMatch', optional(args, 'ifMatch'))
const globIn = (args: Args): { readonly match?: string } => given('match', optional(args, 'match'))

const invalid = (name: string, message: string): HubError =>
  new HubError('HUB_ARGS_INVALID', `argument "${name}" ${message}`, { faults: [{ path: name, message }] })

function number(args: Args, name: string): number | undefined {
  const value = args[name]
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw invalid(name, 'is beyond what a file can have')
}
