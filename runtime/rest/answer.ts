import type { Answer } from '../contract/answer.ts'
import { HubError } from '../contract/errors.ts'
import { isObject, type JsonObject } from '../contract/json.ts'
import type { Outcome, Polished } from '../pipeline/call.ts'
import { problemOf, type Written } from './problem.ts'

const mostNoteCharacters = 2_000
const mostErrorCharacters = 4_000

// What a header may not hold: a moment may be an upstream’s own word.
const unprintable = /[^\x20-\x7e]/g

type Content = Extract<Answer, { type: 'content' }>

/** What a call is answered with over plain HTTP: its JSON, with what it knows of itself in headers; or a problem. */
export function answerOf(outcome: Outcome, challenge: (error: HubError) => string, now: number): Written {
  const { polished, error, callId, tool } = outcome
  if (error) return problemOf(error, callId, challenge)
  const { answer, json } = polished as Polished
  switch (answer.type) {
    case 'data':
      return { status: 200, headers: headersOf(outcome, 'data', now, answer.notes), text: json ?? JSON.stringify(answer.data) }
    case 'content':
      return contentOf(answer, outcome, challenge, now)
    case 'job':
      return { status: 202, headers: headersOf(outcome, 'job', now), text: JSON.stringify({ job: answer.id }) }
    case 'input': {
      const message = `"${tool.spec.name}" must ask its user, which plain HTTP has no way for; call it over MCP`
      return problemOf(new HubError('HUB_INPUT_UNSUPPORTED', message), callId, challenge)
    }
  }
}

function contentOf(answer: Content, outcome: Outcome, challenge: (error: HubError) => string, now: number): Written {
  const { content, structured, meta } = answer
  const blocks: JsonObject = { content, ...(structured !== undefined && { structuredContent: structured }), ...(isObject(meta) && { _meta: meta }) }
  if (answer.isError === true) return problemOf(new HubError('HUB_UPSTREAM_FAILED', textOf(content)), outcome.callId, challenge, blocks)
  // Where the tool declares its answer that is the body, and the blocks say the same in words.
  if (structured !== undefined && outcome.tool.spec.output !== undefined)
    return { status: 200, headers: headersOf(outcome, 'data', now), text: JSON.stringify(structured) }
  return { status: 200, headers: headersOf(outcome, 'content', now), text: JSON.stringify(blocks) }
}

function textOf(content: Content['content']): string {
  const text = content.flatMap((block) => (block['type'] === 'text' && typeof block['text'] === 'string' ? [block['text']] : [])).join('\n')
  return text === '' ? 'the system behind this tool answered with an error and no words' : text.slice(0, mostErrorCharacters)
}

function headersOf({ freshness, callId }: Outcome, kind: 'data' | 'content' | 'job', now: number, notes: readonly string[] = []): readonly string[] {
  const headers = ['X-Hub-Answer', kind, 'X-Hub-Call-Id', callId]
  if (freshness) {
    const age = Math.max(0, Math.floor((now - freshness.storedAt) / 1000))
    headers.push('Age', String(age), 'X-Hub-Cache', freshness.cache, 'X-Hub-As-Of', freshness.asOf.replace(unprintable, ''), 'X-Hub-Source', freshness.source)
  }
  const told = asHeader(notes)
  if (told !== undefined) headers.push('X-Hub-Notes', told)
  return headers
}

/** Texts as a JSON array of ASCII, as many of them as a header may hold. */
function asHeader(notes: readonly string[]): string | undefined {
  let kept: readonly string[] = []
  let text: string | undefined
  for (const note of notes) {
    kept = [...kept, note]
    const longer = ascii(JSON.stringify(kept))
    if (longer.length > mostNoteCharacters) break
    text = longer
  }
  return text
}

const ascii = (text: string): string => text.replace(/[\u007f-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
