import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { printable } from '../contract/printable.ts'
import { CommandError, exits } from './exits.ts'
import { failed } from './style.ts'

/** A stream of this process, or a test's. */
interface Stream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** Where an answer goes, and where an error. */
export interface Streams {
  readonly stdout: Stream
  readonly stderr: Stream
}

/** Prints the whole MCP result; the exit code tells whether the tool answered with an error. */
export function printWhole(result: JsonObject, { stdout }: Streams = process): number {
  print(result, stdout)
  return result.isError === true ? exits.tool : exits.ok
}

/** Prints the structured answer where there is one, else each content block: texts as they are, the others as JSON. */
export function printAnswer(result: JsonObject, { stdout, stderr }: Streams = process): number {
  const blocks = (Array.isArray(result.content) ? result.content : []) as readonly Json[]
  const texts = blocks.map((block) => (isObject(block) && typeof block.text === 'string' ? block.text : JSON.stringify(block)))
  if (result.isError === true) {
    stderr.write(`${failed(shownOn(stderr, texts.join('\n')))}\n`)
    return exits.tool
  }
  if (result.resultType === 'input_required') {
    throw new CommandError(exits.tool, 'this tool asks its user something first, and the command line cannot answer', [
      'call it from an MCP client that can (elicitation)',
    ])
  }
  if (result.structuredContent !== undefined) print(result.structuredContent, stdout)
  else for (const each of texts) print(each, stdout)
  return exits.ok
}

function print(value: Json, stream: Stream): void {
  stream.write(`${shownOn(stream, typeof value === 'string' ? value : JSON.stringify(value, undefined, 2))}\n`)
}

/** A file or a pipe gets every byte; a terminal would run what an upstream wrote for it. */
const shownOn = (stream: Stream, text: string): string => (stream.isTTY === true ? printable(text) : text)
