import type { Json, JsonObject } from '../../contract/json.ts'
import type { Effect } from '../../contract/principal.ts'

/** What a tool may do with memory. */
export const acts = ['get', 'set', 'merge', 'delete', 'list', 'append', 'query', 'publish', 'read', 'mark', 'channels'] as const
/** One of them. */
export type Act = (typeof acts)[number]

/** `operation:` of a tool of this kind: one act, and what of it the manifest fixes. */
export type MemoryOperation = { readonly [act in Act]?: Readonly<Record<string, Json>> }

/** What an act works on. Whatever the manifest does not fix comes from the input of that name. */
export interface ActShape {
  readonly effect: Effect
  /** What it cannot do without. */
  readonly needs: readonly string[]
  /** What it can do without. */
  readonly takes: readonly string[]
  /** Of these, what a manifest may fix. */
  readonly fixes: readonly string[]
}

const place = ['namespace', 'key']

/** The acts. */
export const shapes: Readonly<Record<Act, ActShape>> = {
  get: { effect: 'read', needs: ['key'], takes: ['namespace'], fixes: place },
  set: { effect: 'write', needs: ['key', 'value'], takes: ['namespace', 'ttl', 'ifVersion'], fixes: [...place, 'value', 'ttl'] },
  merge: { effect: 'write', needs: ['key', 'patch'], takes: ['namespace', 'ttl', 'ifVersion'], fixes: [...place, 'patch', 'ttl'] },
  delete: { effect: 'destroy', needs: ['key'], takes: ['namespace', 'ifVersion'], fixes: place },
  list: { effect: 'read', needs: [], takes: ['namespace', 'prefix', 'after', 'limit'], fixes: ['namespace', 'prefix'] },
  append: {
    effect: 'write',
    needs: ['symbol', 'kind', 'body'],
    takes: ['namespace', 'timeframe', 'at'],
    fixes: ['namespace', 'symbol', 'timeframe', 'kind', 'body'],
  },
  query: {
    effect: 'read',
    needs: [],
    takes: ['namespace', 'symbol', 'timeframe', 'kind', 'from', 'to', 'after', 'limit'],
    fixes: ['namespace', 'symbol', 'timeframe', 'kind'],
  },
  publish: { effect: 'write', needs: ['channel', 'body'], takes: ['ttl'], fixes: ['channel', 'body', 'ttl'] },
  read: { effect: 'read', needs: ['channel'], takes: ['after', 'unread', 'limit'], fixes: ['channel'] },
  mark: { effect: 'write', needs: ['channel', 'cursor'], takes: [], fixes: ['channel'] },
  channels: { effect: 'read', needs: [], takes: ['limit'], fixes: [] },
}

const text = (description: string, ...examples: readonly string[]): JsonObject => ({ type: 'string', minLength: 1, description, examples })

const fixable: Readonly<Record<string, JsonObject>> = {
  namespace: text('own (private to whoever calls) or shared/<name>; without it the input namespace, else own.', 'shared/desk'),
  key: text('The key, with {holes} of inputs.', 'portfolio', 'brief/{symbol}'),
  prefix: text('What the keys begin with, with {holes} of inputs.', 'brief/'),
  value: {
    description: 'The value. A text that is one {hole} is that input as it is, whatever its type; a member whose input is left out is left out too.',
    examples: [{ mood: '{mood}' }],
  },
  patch: { description: 'The merge patch, with {holes} as in value.', examples: [{ positions: '{positions}' }] },
  body: { description: 'The body, with {holes} as in value.', examples: [{ summary: '{summary}', confidence: '{confidence}' }] },
  ttl: { type: 'string', pattern: '^\\d+(\\.\\d+)?(ms|s|m|h|d)$', title: 'duration such as 30m or 7d', description: 'How long it is kept.', examples: ['1d'] },
  symbol: text('What the analysis is about, with {holes} of inputs.', '{base}/{quote}'),
  timeframe: text('The timeframe, with {holes} of inputs.', '1d'),
  kind: text('The kind of analysis, with {holes} of inputs.', 'daily_brief'),
  channel: text('The channel, with {holes} of inputs; own/<name> is private to whoever calls.', 'alerts.{symbol}'),
}

const words: Readonly<Record<Act, string>> = {
  get: 'Reads the value under a key.',
  set: 'Writes the value under a key.',
  merge: 'Merges a patch (RFC 7396) into the value under a key.',
  delete: 'Removes a key.',
  list: 'Lists keys.',
  append: 'Adds an analysis to the history.',
  query: 'Finds analyses, newest first.',
  publish: 'Publishes a signal.',
  read: 'Reads signals.',
  mark: 'Notes how far the caller has read.',
  channels: 'Lists channels with signals.',
}

/** The schema of `operation:`. */
export const operationSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: Object.fromEntries(
    acts.map((act) => [
      act,
      {
        type: 'object',
        additionalProperties: false,
        description: `${words[act]} Fixes what callers cannot choose; the rest comes from inputs of these names: ${[...shapes[act].needs, ...shapes[act].takes].join(', ')}.`,
        properties: Object.fromEntries(shapes[act].fixes.map((name) => [name, fixable[name] as JsonObject])),
      },
    ]),
  ),
}

/** The act of an operation, and what it fixes. */
export function actOf(operation: MemoryOperation): { readonly act: Act; readonly fixed: Readonly<Record<string, Json>> } {
  const [entry] = Object.entries(operation)
  const [act, fixed] = entry as [Act, Readonly<Record<string, Json>>]
  return { act, fixed }
}
