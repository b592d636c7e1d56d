import type { Answer } from '../contract/answer.ts'
import { HubError } from '../contract/errors.ts'
import { parseJson, type Json } from '../contract/json.ts'
import type { Outcome } from '../pipeline/call.ts'

/** An outcome as a test sees it. */
export type Reading =
  | { readonly error: HubError }
  | {
      readonly error?: undefined
      /** What programs read: the data, the structured content, or the JSON that is the whole text. */
      readonly value?: Json
      /** What models read. */
      readonly text: string
      /** The tool marked its answer as an error. */
      readonly isError: boolean
    }

/** Reads how a call ended. A question to the caller's user is an error: a test has nobody to ask. */
export function read({ error, polished }: Outcome): Reading {
  if (error) return { error }
  const answer = polished?.answer as Answer
  switch (answer.type) {
    case 'data':
      return { value: answer.data, text: [JSON.stringify(answer.data), ...(answer.notes ?? [])].join('\n'), isError: false }
    case 'job':
      return { value: { job: answer.id }, text: `job ${answer.id} was started`, isError: false }
    case 'input':
      return { error: new HubError('HUB_INPUT_UNSUPPORTED', 'the tool asks its user something, and a test has no user') }
    case 'content': {
      const texts = answer.content.flatMap(({ text }) => (typeof text === 'string' ? [text] : []))
      const value = answer.structured ?? (texts.length === 1 ? jsonOf(texts[0] as string) : undefined)
      return { ...(value !== undefined && { value }), text: texts.join('\n'), isError: answer.isError === true }
    }
  }
}

function jsonOf(text: string): Json | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
