import type { Answer } from '../../runtime/contract/answer.ts'
import type { Args, Run } from '../../runtime/contract/call.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import { rawNumber, type JsonObject } from '../../runtime/contract/json.ts'
import { defineKind, type Kind } from '../../runtime/contract/kind.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'

type Does = (args: Args, run: Run) => Promise<Answer>

const question = { method: 'elicitation/create', params: { message: 'Who are you?', requestedSchema: { type: 'object', properties: {} } } } as const

/** A kind whose tools answer in every way a tool can; `wait` tells that it began and how it ended. */
export function createDesk(): { readonly kind: Kind; readonly begun: Promise<void>; readonly aborted: Promise<unknown>; release(): void } {
  let begin!: () => void
  let end!: (reason: unknown) => void
  let release!: () => void
  const begun = new Promise<void>((resolve) => (begin = resolve))
  const aborted = new Promise<unknown>((resolve) => (end = resolve))
  const released = new Promise<void>((resolve) => (release = resolve))

  const ways: Readonly<Record<string, Does>> = {
    echo: async (args) => ({ type: 'data', data: args }),
    number: async () => ({
      type: 'data',
      data: { id: rawNumber('9007199254740993'), price: '0.1' },
      notes: ['newest first', 'Ünïcode'.repeat(20), 'n'.repeat(3_000)],
    }),
    word: async () => ({ type: 'data', data: 'just text' }),
    rows: async () => ({ type: 'data', data: { rows: [{ n: 1 }, { n: 2 }, { n: 3 }] } }),
    content: async () => ({ type: 'content', content: [{ type: 'text', text: 'hello' }], structured: { a: 1 }, meta: { own: 1 } }),
    sad: async () => ({ type: 'content', content: [{ type: 'text', text: 'no such city' }], isError: true }),
    mute: async () => ({ type: 'content', content: [], isError: true }),
    job: async () => ({ type: 'job', id: 'job-7' }),
    ask: async (_args, run) => ({ type: 'data', data: await run.ask(question) }),
    input: async () => ({ type: 'input', requests: { who: question }, state: 'later' }),
    refused: () => Promise.reject(new HubError('HUB_QUERY_FAILED', 'the database refused the statement', { table: 'ohlcv', status: 'mine' })),
    down: () => Promise.reject(new HubError('HUB_CONNECTOR_DOWN', 'the desk does not answer', { retryAfterMs: 1_500 })),
    private: () => Promise.reject(new HubError('HUB_EGRESS_DENIED', 'the address 10.1.2.3 is private', { address: '10.1.2.3' })),
    bursts: () => Promise.reject(new TypeError('a secret path /etc/passwd')),
    hang: (_args, run) => new Promise((_resolve, reject) => run.signal.addEventListener('abort', () => reject(run.signal.reason as Error))),
    wait: (_args, run) =>
      new Promise((resolve, reject) => {
        begin()
        run.signal.addEventListener('abort', () => {
          end(run.signal.reason)
          reject(run.signal.reason as Error)
        })
        void released.then(() => resolve({ type: 'data', data: { released: true } }))
      }),
  }

  const kind = defineKind({
    kind: 'desk',
    summary: 'Tools of a test.',
    config: { type: 'object', properties: {}, additionalProperties: false },
    operation: { type: 'object', required: ['does'], properties: { does: { enum: Object.keys(ways) } } },
    open: async () => ({
      bind: (tool: ToolSpec<{ does: string }>) => ways[tool.operation.does] as Does,
      check: async () => ({ state: 'up' as const }),
      close: async () => undefined,
    }),
  })
  return { kind, begun, aborted, release: () => release() }
}

const tool = (does: string, more: JsonObject = {}): JsonObject => ({
  summary: `It does ${does}.`,
  effect: 'read',
  input: { type: 'object', properties: {} },
  operation: { does },
  ...more,
})

const echoed = {
  type: 'object',
  properties: { symbol: { type: 'string' }, id: { type: 'integer' }, limit: { type: 'integer', maximum: 10, default: 5 } },
  additionalProperties: false,
}

/** The manifest of a desk with a tool for each way. JSON is YAML. */
export const deskManifest = JSON.stringify({
  connector: 'desk',
  kind: 'desk',
  summary: 'A desk.',
  tools: {
    echo: tool('echo', { title: 'Echo', input: { ...echoed, required: ['symbol'] }, aliases: ['parrot'], deprecated: 'use rows' }),
    number: tool('number', { output: { type: 'object', properties: { id: { type: 'integer' } } } }),
    word: tool('word'),
    cached: tool('rows', { policy: { cache: { ttl: '1m' } } }),
    short: tool('rows', { policy: { result: { rows: 2 } } }),
    content: tool('content'),
    declared: tool('content', { output: { type: 'object', properties: { a: { type: 'integer' } } } }),
    sad: tool('sad'),
    mute: tool('mute'),
    job: tool('job'),
    ask: tool('ask'),
    input: tool('input'),
    refused: tool('refused'),
    down: tool('down'),
    private: tool('private'),
    bursts: tool('bursts'),
    wait: tool('wait'),
    late: tool('hang', { policy: { timeout: '50ms' } }),
    limited: tool('word', { policy: { limit: '1/h' } }),
    forbidden: tool('echo', { input: echoed, policy: { arguments: { symbol: { allow: ['BTC/*'] } } } }),
    write: tool('echo', { effect: 'write', input: echoed }),
  },
})
