import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { MemoryStore } from '../../runtime/kinds/memory/store.ts'
import { Model } from './memory-model.ts'
import { noRedis, startStores, tight, waiting, type Stores } from './memory-stores.ts'

let stores: Stores
let all: Readonly<Record<string, MemoryStore>>
let now = 1_700_000_000_000
let run = 0

beforeAll(async () => {
  stores = await startStores()
  all = stores.make(tight, () => now)
})
afterAll(() => stores?.stop())

const key = fc.constantFrom('a', 'a/b', 'a/ü', 'b', '\u{1F600}', '\uFF5E')
const json = fc.constantFrom('1', '"ü"', '{"a":[1,2]}', '9007199254740993', `"${'x'.repeat(24)}"`)
const channel = fc.constantFrom('c', 'c/d', 'ß')
const word = fc.constantFrom('BTC', 'ETH', '', 'BT')
const some = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> => fc.option(arbitrary, { nil: undefined })
const ttl = fc.constantFrom(5, 20, 300)
const limit = fc.integer({ min: 1, max: 4 })
const bytes = fc.constantFrom(1, 2, 5, 12, 17, 27, 1_000)
const moment = fc.constantFrom(-5_000_000_000, 0, 1_699_999_999_995, 1_700_000_000_000, 1_700_000_000_010)
const version = fc.integer({ min: 0, max: 8 })

/** One thing that is done to a store, and to the model of it. */
type Act = (store: MemoryStore, space: string) => Promise<unknown>
type Step = { readonly words: string; readonly act: Act; readonly model: (model: Model) => unknown }

const step = (words: string, act: Act, model: (model: Model) => unknown): Step => ({ words, act, model })
const topic = 'a topic'

const steps: fc.Arbitrary<Step | number> = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 400 }) },
  {
    weight: 5,
    arbitrary: fc.record({ key, json, ttlMs: fc.oneof(some(ttl), fc.constant('keep' as const)), ifVersion: some(version) }).map((write) =>
      step(
        `set ${JSON.stringify(write)}`,
        (store, space) => store.set(space, { ...write, topic }, waiting()),
        (model) => model.set(now, write),
      ),
    ),
  },
  fc.tuple(key, some(version)).map(([name, ifVersion]) =>
    step(
      `delete ${name} ${String(ifVersion)}`,
      (store, space) => store.delete(space, name, ifVersion, topic, waiting()),
      (model) => model.delete(now, name, ifVersion),
    ),
  ),
  key.map((name) =>
    step(
      `get ${name}`,
      async (store, space) => plain(await store.get(space, name, waiting())),
      (model) => model.get(now, name),
    ),
  ),
  fc.tuple(fc.constantFrom('', 'a', 'a/'), some(key), limit).map(([prefix, after, most]) =>
    step(
      `list ${prefix} ${String(after)} ${most}`,
      (store, space) => store.list(space, prefix, after, most, waiting()),
      (model) => model.list(now, prefix, after, most),
    ),
  ),
  {
    weight: 3,
    arbitrary: fc
      .record({
        symbol: fc.constantFrom('BTC', 'ETH', 'BT'),
        timeframe: word,
        kind: fc.constantFrom('BTC', 'x'),
        json,
        by: fc.constant('me'),
        at: some(moment),
      })
      .map((analysis) =>
        step(
          `append ${JSON.stringify(analysis)}`,
          (store, space) => store.append(space, analysis, waiting()),
          (model) => model.append(now, analysis),
        ),
      ),
  },
  fc
    .record({
      symbol: some(fc.constantFrom('BTC', 'ETH', 'BT')),
      timeframe: some(fc.constantFrom('BTC', 'ETH')),
      kind: some(fc.constantFrom('BTC', 'x')),
      from: some(moment),
      to: some(moment),
      after: some(fc.record({ at: moment, id: fc.integer({ min: 1, max: 6 }) })),
      limit,
      bytes,
    })
    .map((query) =>
      step(
        `query ${JSON.stringify(query)}`,
        (store, space) => store.query(space, query, waiting()),
        (model) => model.query(now, query),
      ),
    ),
  {
    weight: 3,
    arbitrary: fc.tuple(channel, json, ttl).map(([name, body, ttlMs]) =>
      step(
        `publish ${name} ${body} ${ttlMs}`,
        (store, space) => store.publish(space, { channel: name, json: body, by: 'me', ttlMs, topic }, waiting()),
        (model) => model.publish(now, name, body, 'me', ttlMs),
      ),
    ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        channel,
        fc.oneof(
          fc.record({ type: fc.constant('after' as const), cursor: fc.integer({ min: 0, max: 9 }), limit, bytes }),
          fc.record({ type: fc.constant('unread' as const), reader: fc.constantFrom('me', 'you'), limit, bytes }),
          fc.record({ type: fc.constant('newest' as const), limit, bytes }),
        ),
      )
      .map(([name, wanted]) =>
        step(
          `read ${name} ${JSON.stringify(wanted)}`,
          (store, space) => store.read(space, name, wanted, waiting()),
          (model) => model.read(now, name, wanted),
        ),
      ),
  },
  fc.tuple(channel, fc.constantFrom('me', 'you'), fc.integer({ min: 0, max: 12 })).map(([name, reader, cursor]) =>
    step(
      `mark ${name} ${reader} ${cursor}`,
      (store, space) => store.mark(space, name, reader, cursor, waiting()),
      (model) => model.mark(name, reader, cursor),
    ),
  ),
  limit.map((most) =>
    step(
      `channels ${most}`,
      (store, space) => store.channels(space, most, waiting()),
      (model) => model.channels(now, most),
    ),
  ),
)

// The store in this process keeps the size beside the entry.
const plain = (entry: object | undefined): object | undefined => {
  if (entry === undefined) return undefined
  const { bytes: _bytes, ...rest } = entry as { readonly bytes?: number }
  return rest
}

test(`random acts are answered alike by a plain model, this process, PostgreSQL${noRedis === undefined ? ' and Redis' : ` (skipped: ${noRedis})`}`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 120, size: 'max' }), async (acts) => {
      run += 1
      now = 1_700_000_000_000
      // Two spaces side by side: what is done in one must not be seen in the other.
      const spaces = ['one', 'two'].map((name) => ({ name: `run ${run}:${name}`, model: new Model(tight) }))
      for (const [index, act] of acts.entries()) {
        if (typeof act === 'number') {
          now += act
          continue
        }
        const { name, model } = spaces[index % 3 === 0 ? 1 : 0] as (typeof spaces)[number]
        const expected = JSON.stringify(sorted(act.model(model)))
        const answers = await Promise.all(Object.entries(all).map(async ([store, one]) => [store, JSON.stringify(sorted(await act.act(one, name)))] as const))
        for (const [store, answer] of answers) expect(`${store}: ${act.words} = ${answer}`).toBe(`${store}: ${act.words} = ${expected}`)
      }
    }),
    { numRuns: 40 },
  )
})

/** Members in one order, those that are undefined left out. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  )
}
