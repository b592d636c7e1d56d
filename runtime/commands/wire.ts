import { createParser } from 'eventsource-parser'
import { isObject, parseJson, type Json, type JsonObject } from '../contract/json.ts'
import { metaKeys, modernVersion } from '../mcp/protocol.ts'
import { CommandError, exits } from './exits.ts'
import { version } from './package.ts'

/** A hub reached over HTTP, and the key to show it. */
export interface Door {
  readonly url: string
  readonly key?: string
}

/** An answer that is a JSON-RPC error. */
export class RefusedError extends Error {
  readonly code: number
  readonly data: Json | undefined

  constructor(error: JsonObject) {
    super(typeof error.message === 'string' ? error.message : 'the hub refused without a word')
    this.name = 'RefusedError'
    this.code = Number(error.code)
    this.data = error.data
  }
}

/** One MCP request of the 2026-07-28 revision; numbers keep all their digits. Rejects CommandError or RefusedError. */
export async function request(door: Door, method: string, params: JsonObject): Promise<JsonObject> {
  const envelope = {
    [metaKeys.version]: modernVersion,
    [metaKeys.client]: { name: 'hub', version },
    [metaKeys.capabilities]: {},
  }
  const response = await send(door, method, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: envelope } }), params.name)
  if (response.status === 401 || response.status === 403) throw refusedAtTheDoor(response.status, door)
  const message = findAnswer(response.headers.get('content-type') ?? '', await response.text())
  if (message === undefined)
    throw new CommandError(exits.unreachable, `${door.url} answered ${response.status} and no MCP message`, ['is this the address of a hub?'])
  if (isObject(message.error)) throw new RefusedError(message.error)
  return isObject(message.result) ? message.result : {}
}

async function send(door: Door, method: string, body: string, name: Json | undefined): Promise<Response> {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': modernVersion,
    'mcp-method': method,
  }
  if (typeof name === 'string') headers['mcp-name'] = `=?base64?${Buffer.from(name).toString('base64')}?=`
  if (door.key !== undefined) headers.authorization = `Bearer ${door.key}`
  try {
    return await fetch(new URL('/mcp', door.url), { method: 'POST', headers, body })
  } catch (error) {
    throw new CommandError(
      exits.unreachable,
      `no hub answers at ${door.url}`,
      ['start one with `hub serve`, or leave --url out to use the one of this folder'],
      error,
    )
  }
}

function refusedAtTheDoor(status: number, door: Door): CommandError {
  if (door.key === undefined)
    return new CommandError(exits.auth, 'the hub asks who you are', ['make a key with `hub keys create`, and give it in HUB_KEY or --key'])
  return new CommandError(exits.auth, status === 401 ? 'the hub does not know this key' : 'this key may not do that', [
    '`hub keys list` shows keys, roles and expiry',
  ])
}

function findAnswer(type: string, text: string): JsonObject | undefined {
  const texts: string[] = []
  if (type.startsWith('text/event-stream')) createParser({ onEvent: ({ data }) => texts.push(data) }).feed(`${text}\n\n`)
  else texts.push(text)
  for (const each of texts.toReversed()) {
    const message = parseMessage(each)
    if (isObject(message) && ('result' in message || 'error' in message)) return message
  }
  return undefined
}

function parseMessage(text: string): Json | undefined {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
