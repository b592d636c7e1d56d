import { isObject, type Json } from '../../contract/json.ts'
import type { Content } from './content.ts'
import type { Failure } from './operation.ts'
import { keysOf, valueAt } from './pointer.ts'

const longest = 600

// Where services say what is wrong; the first that holds words is taken.
const usual = [
  '/message',
  '/error/message',
  '/error_description',
  '/error/description',
  '/error',
  '/errors/0/message',
  '/errors/0/detail',
  '/errors/0',
  '/detail',
  '/detail/0/msg',
  '/title',
  '/msg',
  '/reason',
  '/status/error_message',
  '/Err/message',
  '/Message',
].map(keysOf)

/** What a service says of its own error, shortened; undefined when it says nothing in words. */
export function messageIn(content: Content, pointer?: string): string | undefined {
  if (content.type === 'nothing') return undefined
  // A page for people is no message for a model.
  if (content.type === 'text') return /^text\/(plain|csv)$/.test(content.mediaType) ? shortened(content.text) : undefined
  const places = pointer === undefined ? usual : [keysOf(pointer), ...usual]
  for (const keys of places) {
    const words = wordsIn(valueAt(content.value, keys))
    if (words !== undefined) return words
  }
  return wordsIn(content.value)
}

function wordsIn(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return shortened(value)
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) return shortened(value.join('; '))
  return undefined
}

function shortened(text: string): string | undefined {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
  if (line === '') return undefined
  if (line.length <= longest) return line
  // Between words: half a secret would not be known as one where this is scrubbed.
  return `${line.slice(0, Math.max(0, line.lastIndexOf(' ', longest)))}…`
}

/** What an answer of status 200 says of its failure; undefined when it is none. */
export function failureIn(content: Content, failure: Failure | undefined): { readonly status?: number; readonly message?: string } | undefined {
  if (failure === undefined || content.type !== 'json') return undefined
  const found = valueAt(content.value, keysOf(failure.pointer))
  if (failure.equals === undefined ? isNothing(found) : found !== failure.equals) return undefined
  const status = failure.status === undefined ? undefined : Number(valueAt(content.value, keysOf(failure.status)))
  const message = messageIn(content, failure.message)
  const isStatus = status !== undefined && Number.isInteger(status) && status >= 400 && status < 600
  return { ...(isStatus && { status }), ...(message !== undefined && { message }) }
}

function isNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === false || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isObject(value) && Object.keys(value).length === 0
}
