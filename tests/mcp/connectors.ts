import type { JsonObject } from '../../runtime/contract/json.ts'
import { rawNumber } from '../../runtime/contract/json.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import type { Extras, ExtrasEvent } from '../../runtime/contract/kind.ts'
import type { TestConnector } from './hub.ts'

const candles = { rows: [{ symbol: 'BTC/USDT', close: '67000.5', volume: rawNumber('9007199254740995') }] }

/** A connector of data: answers, errors, shapes. */
export const market: TestConnector = {
  name: 'market',
  tools: {
    candles: {
      input: {
        type: 'object',
        required: ['symbol'],
        properties: { symbol: { type: 'string' }, limit: { type: 'integer', default: 10 } },
        additionalProperties: false,
      },
      output: { type: 'object', properties: { rows: { type: 'array' } }, required: ['rows'] },
      handler: async () => ({ type: 'data', data: candles, notes: ['newest first'] }),
    },
    cached: { policy: { cache: { ttlMs: 60_000, staleMs: 0, tags: [] } }, handler: async () => ({ type: 'data', data: { price: 1 } }) },
    echo: { input: { type: 'object', additionalProperties: true }, handler: async (args) => ({ type: 'data', data: args }) },
    list: {
      output: { type: 'array', items: { $ref: '#/$defs/price' }, $defs: { price: { type: 'number' } } },
      handler: async () => ({ type: 'data', data: [1, 2, 3] }),
    },
    word: { handler: async () => ({ type: 'data', data: 'just text' }) },
    fails: {
      handler: async () => {
        throw new HubError('HUB_QUERY_FAILED', 'the database refused the statement: no such table', { table: 'ohlcv' })
      },
    },
    bursts: {
      handler: async () => {
        throw new TypeError('a secret path /etc/passwd')
      },
    },
    hidden: { policy: { scopes: ['deep'] }, handler: async () => ({ type: 'data', data: {} }) },
    by_header: {
      input: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, depth: { type: 'integer', 'x-mcp-header': 'Depth' } } },
      handler: async (args) => ({ type: 'data', data: args }),
    },
    write: { effect: 'write', handler: async () => ({ type: 'data', data: { written: true } }) },
  },
  resources: {
    'market://symbols': { handler: async () => ({ type: 'data', data: { symbols: ['BTC/USDT'] } }) },
    'market://candles/{symbol}': {
      input: { type: 'object', properties: { symbol: { type: 'string' } } },
      handler: async (args) => ({ type: 'data', data: { of: args['symbol'] ?? null } }),
    },
  },
  prompts: [
    {
      local: 'brief',
      summary: 'A brief of one symbol.',
      arguments: [
        { name: 'symbol', description: 'The pair', required: true },
        { name: 'tone', required: false },
      ],
      messages: [{ role: 'user', text: 'Tell me of {symbol} {tone}{other}' }],
    },
  ],
}

const form = { message: 'Who are you?', requestedSchema: { type: 'object', properties: { name: { type: 'string' } } } }

/** A connector whose tools speak while they work: progress, logs, questions. */
export function createTalker(): TestConnector & { readonly started: Promise<void>; readonly aborted: Promise<unknown>; release(): void } {
  let begin!: () => void
  let end!: (reason: unknown) => void
  let release!: () => void
  const started = new Promise<void>((resolve) => (begin = resolve))
  const aborted = new Promise<unknown>((resolve) => (end = resolve))
  const released = new Promise<void>((resolve) => (release = resolve))
  return {
    name: 'talker',
    started,
    aborted,
    release: () => release(),
    tools: {
      progress: {
        handler: async (_args, run) => {
          run.progress(1, 2, 'half')
          run.log('info', { step: 1 }, 'talker')
          run.progress(2, 2)
          return { type: 'data', data: { done: true } }
        },
      },
      wait: {
        handler: (_args, run) =>
          new Promise((resolve, reject) => {
            begin()
            run.signal.addEventListener('abort', () => {
              end(run.signal.reason)
              reject(run.signal.reason as Error)
            })
            void released.then(() => resolve({ type: 'data', data: { released: true } }))
          }),
      },
      speak_and_wait: {
        handler: async (_args, run) => {
          run.progress(1, 3, 'begun')
          begin()
          await released
          run.progress(2, 3, 'going on')
          return { type: 'data', data: { released: true } }
        },
      },
      ask: {
        handler: async (_args, run) => {
          const answer = (await run.ask({ method: 'elicitation/create', params: form })) as JsonObject
          return { type: 'data', data: { heard: answer } }
        },
      },
      ask_twice: {
        handler: async (_args, run) => {
          const first = await run.ask({ method: 'elicitation/create', params: form })
          run.progress(1, 2)
          const second = await run.ask({ method: 'roots/list', params: {} })
          return { type: 'data', data: { first, second } }
        },
      },
      ask_together: {
        handler: async (_args, run) => {
          const both = await Promise.all([run.ask({ method: 'elicitation/create', params: form }), run.ask({ method: 'roots/list', params: {} })])
          return { type: 'data', data: { both } }
        },
      },
      upstream_asks: {
        handler: async (_args, run) => {
          if (!run.resumed || run.resumed.responses['name'] === undefined)
            return { type: 'input', requests: { name: { method: 'elicitation/create', params: form } }, state: 'upstream state' }
          return { type: 'data', data: { state: run.resumed.state, heard: run.resumed.responses['name'] } }
        },
      },
      upstream_never_content: {
        handler: async () => ({ type: 'input', requests: { name: { method: 'elicitation/create', params: form } }, state: 'again' }),
      },
    },
  }
}

/** An upstream with prompts, resources and content that holds addresses; `emit` plays its change events. */
export function createUpstream(
  name: string,
): TestConnector & { readonly emit: (event: ExtrasEvent) => void; readonly watched: string[]; readonly levels: string[]; fail: boolean } {
  const listeners = new Set<(event: ExtrasEvent) => void>()
  const watched: string[] = []
  const levels: string[] = []
  const made = { fail: false }
  const guard = (value: readonly JsonObject[]): readonly JsonObject[] => {
    if (made.fail) throw new Error('the upstream is sick')
    return value
  }
  const extras: Extras = {
    capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {} },
    instructions: `Instructions of ${name}.`,
    prompts: async () =>
      guard([
        { name: 'greet', description: 'Greets', arguments: [{ name: 'who', required: true }] },
        { name: 'a_prompt_with_a_name_that_is_much_too_long_for_sixty_characters' },
      ]),
    resources: async () => guard([{ uri: 'note://one', name: 'one', mimeType: 'text/plain' }]),
    templates: async () => guard([{ uriTemplate: 'note://{id}', name: 'note' }]),
    getPrompt: async (prompt, args) => ({
      messages: [{ role: 'user', content: { type: 'resource', resource: { uri: 'note://one', text: `${prompt} ${String(args['who'])}` } } }],
    }),
    readResource: async (uri, run) => {
      if (uri === 'note://asks' && !run.resumed) return { type: 'input' as const, requests: { ok: { method: 'elicitation/create', params: form } }, state: '' }
      if (uri === 'note://none') throw new HubError('HUB_RESOURCE_UNKNOWN', 'no such note')
      return { contents: [{ uri, text: `text of ${uri}` }], _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'leak' } } } as JsonObject
    },
    complete: async (params) => ({ completion: { values: [JSON.stringify(params['ref'])], total: 1, hasMore: false } }),
    subscribe: async (uri) => void watched.push(uri),
    unsubscribe: async (uri) => void watched.splice(watched.indexOf(uri), 1),
    setLogLevel: async (level) => void levels.push(level),
    onEvent: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const connector: TestConnector = {
    name,
    extras,
    tools: {
      link: {
        meta: { _meta: { ui: { resourceUri: 'ui://panel' } }, icons: [{ src: 'https://example.com/icon.png' }] },
        handler: async () => ({
          type: 'content' as const,
          content: [
            { type: 'resource_link', uri: 'note://one', name: 'one' },
            { type: 'resource', resource: { uri: 'note://two', text: 'two' } },
            { type: 'text', text: 'plain' },
          ] as JsonObject[],
          meta: { 'io.modelcontextprotocol/serverInfo': { name: 'leak' }, own: 1 },
        }),
      },
      plain: { handler: async () => ({ type: 'content' as const, content: [{ type: 'text', text: 'hello' }], structured: { a: 1 } }) },
      broken: { handler: async () => ({ type: 'content' as const, content: [{ type: 'text', text: 'it broke' }], isError: true }) },
    },
  }
  return Object.assign(made, connector, {
    watched,
    levels,
    emit: (event: ExtrasEvent) => {
      for (const listener of listeners) listener(event)
    },
  })
}
