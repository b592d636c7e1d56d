import type { JsonObject } from '../../runtime/contract/json.ts'
import { block, brief, literal, oneLine } from '../import-source/text.ts'
import { answerOf, outputOf } from './answer.ts'
import { effectOf, type OperationEffect } from './effect.ts'
import type { ToolName } from './names.ts'
import type { Operation } from './operations.ts'
import { pagingOf, withWholeSize } from './pagination.ts'
import type { References } from './pointer.ts'
import { isRequest, requestOf } from './request.ts'
import { unwritable, writable } from './unwritable.ts'

/** One tool of the manifest, or a line that says why it is not there. */
export interface WrittenTool {
  readonly text: string
  readonly served: boolean
  readonly notes: readonly string[]
}

const longestDescription = 1_000

/** Writes an operation as a tool: comments where a person should look. */
export function writeTool(operation: Operation, { name, because }: ToolName, references: References, credentials: ReadonlySet<string>): WrittenTool {
  const label = `${operation.method} ${oneLine(operation.path)}`
  const leaveOut = (why: string): WrittenTool => ({
    text: `  # ${label} is left out: ${oneLine(why)}`,
    served: false,
    notes: [`${label} is left out: ${oneLine(why)}`],
  })
  if (operation.method === 'HEAD') return leaveOut('it answers headers alone')
  const request = requestOf(operation, references, credentials)
  if (!isRequest(request)) return leaveOut(request.why)

  const answer = answerOf(operation, references)
  const guess = effectOf(operation, name)
  const paging = guess.effect === 'read' ? pagingOf(request.fields, answer, references) : undefined
  const { output, left } = answer.schema === undefined ? { left: new Set<string>() } : outputOf(answer.schema, paging?.data, references)
  let isWhole = true
  const written: JsonObject = {
    ...wordsOf(operation, label),
    ...(operation.value['deprecated'] === true && { deprecated: 'its API marks it as deprecated' }),
    input: withWholeSize(request.input, paging?.size),
    ...(output !== undefined && { output }),
    operation: {
      ...request.operation,
      ...(guess.safe && { safe: true }),
      ...(paging?.data !== undefined && { data: paging.data }),
      ...(paging !== undefined && { paginate: paging.paginate }),
    },
  }
  const fields = writable(written, () => (isWhole = false))
  const notes = [
    ...(because === undefined ? [] : [`named so because ${because}`]),
    ...request.notes,
    ...(isWhole ? [] : [`members named ${unwritable} cannot be written in a manifest; left out of its schemas`]),
    ...(paging === undefined ? [] : ['its pages are read as one list, recognised by their names']),
    ...(answer.media === undefined || answer.media === '' ? [] : [`it answers ${answer.media}`]),
    ...(left.size === 0
      ? []
      : [`its answer is large: ${[...left].slice(0, 5).join(', ')}${left.size > 5 ? ' and others' : ''} ${left.size === 1 ? 'is' : 'are'} left open`]),
  ].map(oneLine)
  return {
    text: render(operation, name, fields, guess, notes),
    served: true,
    notes: because === undefined ? [] : [`${label} is named ${name}: ${oneLine(because)}`],
  }
}

function render({ tags, method, path }: Operation, name: string, fields: JsonObject, guess: OperationEffect, notes: readonly string[]): string {
  const { summary, description, deprecated, ...rest } = fields
  const words = { summary, ...(description !== undefined && { description }), ...(deprecated !== undefined && { deprecated }) } as JsonObject
  const tagged = tags.length === 0 ? '' : ` · ${oneLine(tags.join(', '))}`
  return [
    `  # ${method} ${oneLine(path)}${tagged}`,
    ...notes.map((note) => `  # ${note}`),
    `  ${name}:`,
    block(words, 4),
    `    effect: ${guess.effect} # review: guessed from ${oneLine(guess.from)}`,
    block(rest, 4),
  ].join('\n')
}

/** Summary and description, the environment's `${` made plain. */
function wordsOf({ value }: Operation, label: string): JsonObject {
  const text = (key: string): string => (typeof value[key] === 'string' ? value[key].trim() : '')
  const [summary, description] = [text('summary'), text('description')]
  const [first = ''] = oneLine(description).split(/(?<=[.!?]) /)
  const short = brief(summary === '' ? first : summary, 200)
  const rest = description.length > longestDescription ? brief(description, longestDescription) : description.replace(/\r\n?/g, '\n')
  const says = rest !== '' && oneLine(rest) !== short
  return { summary: literal(short === '' ? `Calls ${label}; its document does not say what for.` : short), ...(says && { description: literal(rest) }) }
}
