import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connector } from '../../runtime/contract/kind.ts'
import type { Principal } from '../../runtime/contract/principal.ts'
import { ownSpace, signalSpace, spaceOf } from '../../runtime/kinds/memory/names.ts'
import { agent, call, over, refusal, runOf } from './memory-agents.ts'
import { noRedis, startStores, wide, type Stores } from './memory-stores.ts'

let stores: Stores
let all: Readonly<Record<string, Connector>>
let run = 0

beforeAll(async () => {
  stores = await startStores()
  all = Object.fromEntries(Object.entries(stores.make(wide)).map(([name, store]) => [name, over(store, { shared: ['desk'] })]))
})
afterAll(() => stores?.stop())

const places = `this process, PostgreSQL${noRedis === undefined ? ' and Redis' : ` (skipped: ${noRedis})`}`

// Names that would like to be each other's, to climb, or to stand for nothing.
const nasty = fc.oneof(
  fc.constantFrom(
    'a',
    'b',
    'a:own:b',
    'own',
    'shared',
    '..',
    '../a',
    'a/b',
    'a%2Fb',
    'a%',
    '{a}',
    '}:{',
    'é',
    'e\u0301',
    '\u0000',
    'a\u0000b',
    ' ',
    '*',
    '%~',
    'A',
    'x'.repeat(5_000),
    `${'x'.repeat(5_000)}y`,
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const someone: fc.Arbitrary<Principal> = fc.tuple(nasty, nasty).map(([id, organisation]) => agent(id, organisation))
const isSame = (left: Principal, right: Principal): boolean => left.id === right.id && left.organisation === right.organisation

describe('names', () => {
  test('no two callers have the same space, nor a caller that of anything shared', () => {
    fc.assert(
      fc.property(someone, someone, (one, other) => {
        const spaces = (who: Principal): readonly string[] => [
          ownSpace(who),
          signalSpace('own/x', who),
          ...['desk', 'a', 'own'].map((name) => spaceOf(`shared/${name}`, who, ['*'])),
          signalSpace('x', who),
        ]
        const [mine, theirs] = [spaces(one), spaces(other)]
        expect(new Set(mine).size).toBe(mine.length)
        const common = mine.filter((space) => theirs.includes(space))
        if (isSame(one, other)) expect(common).toHaveLength(6)
        else if (one.organisation === other.organisation) expect(common).toEqual(mine.slice(2))
        else expect(common).toEqual([])
        // Nothing in a space can end a Redis hash tag, or begin another part of a key.
        for (const space of mine) expect(space).toMatch(/^[A-Za-z0-9!'()*._~%-]*:(own|signals-of|shared|signals):[A-Za-z0-9!'()*._~%-]*$/)
      }),
      { numRuns: 2_000 },
    )
  })

  test('a caller whose name is broken Unicode has no memory, since it could be mistaken for another', () => {
    expect(() => ownSpace(agent('\ud800'))).toThrow(/half of a surrogate pair/)
    expect(() => spaceOf('shared/desk', agent('a', '\udfff'), ['desk'])).toThrow(/half of a surrogate pair/)
  })
})

test(`no caller reads another’s private state, history, signals or mark, on ${places}`, async () => {
  const key = fc.oneof(
    fc.constantFrom('k', 'a:own:b', '../k', 'k/..', '%2F', '{x}'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => !/\p{Cc}/u.test(text)),
  )
  await fc.assert(
    fc.asyncProperty(someone, someone, key, key, async (first, second, oneKey, otherKey) => {
      fc.pre(!isSame(first, second))
      run += 1
      const mark = (who: Principal): Principal => ({ ...who, organisation: `${run}${who.organisation}` })
      const [one, other] = [mark(first), mark(second)]
      for (const connector of Object.values(all)) {
        const as = (who: Principal) => (name: string, args: Parameters<typeof call>[2]) => call(connector, name, args, runOf(who))
        const [mine, theirs] = [as(one), as(other)]
        await mine('set_state', { key: oneKey, value: 'secret of one' })
        await theirs('set_state', { key: otherKey, value: 'secret of the other' })
        await mine('append_analysis', { symbol: 'S', kind: 'k', body: 'secret of one' })
        await mine('publish_signal', { channel: 'own/c', body: 'secret of one' })
        await theirs('publish_signal', { channel: 'own/c', body: 'secret of the other' })
        await theirs('mark_signals_read', { channel: 'own/c', cursor: '999' })

        expect(await mine('get_state', { key: oneKey })).toMatchObject({ value: 'secret of one', version: 1 })
        const seen = [
          await theirs('get_state', { key: oneKey }),
          await theirs('list_state', {}),
          await theirs('query_analyses', {}),
          await theirs('read_signals', { channel: 'own/c' }),
        ]
        expect(JSON.stringify(seen)).not.toContain('secret of one')
        expect(seen[1]).toMatchObject({ rows: [{ key: otherKey }], usage: { keys: 1 } })
        // The other's mark is not mine: what was published for me is unread.
        expect(await mine('read_signals', { channel: 'own/c', unread: true })).toMatchObject({ rows: [{ body: 'secret of one' }] })
        await theirs('delete_state', { key: oneKey })
        if (oneKey !== otherKey) expect(await mine('get_state', { key: oneKey })).toMatchObject({ found: true })
        expect(await mine('get_state', { key: oneKey })).toMatchObject({ value: 'secret of one' })
      }
    }),
    { numRuns: 60 },
  )
})

test(`what is shared is seen by the organisation and by nobody else, on ${places}`, async () => {
  for (const connector of Object.values(all)) {
    const [ada, bob, eve] = [agent('ada', 'acme'), agent('bob', 'acme'), agent('ada', 'evil')].map((who) => runOf(who))
    await call(connector, 'set_state', { key: 'plan', value: 'ours', namespace: 'shared/desk' }, ada)
    await call(connector, 'append_analysis', { symbol: 'S', kind: 'k', body: 'ours', namespace: 'shared/desk' }, ada)
    await call(connector, 'publish_signal', { channel: 'news', body: 'ours' }, ada)
    expect(await call(connector, 'get_state', { key: 'plan', namespace: 'shared/desk' }, bob)).toMatchObject({ value: 'ours' })
    expect(await call(connector, 'query_analyses', { symbol: 'S', namespace: 'shared/desk' }, bob)).toMatchObject({ rows: [{ body: 'ours', by: 'ada' }] })
    expect(await call(connector, 'read_signals', { channel: 'news' }, bob)).toMatchObject({ rows: [{ body: 'ours', by: 'ada' }] })
    expect(await call(connector, 'get_state', { key: 'plan' }, bob)).toMatchObject({ found: false })
    for (const [name, args] of [
      ['get_state', { key: 'plan', namespace: 'shared/desk' }],
      ['query_analyses', { namespace: 'shared/desk' }],
      ['read_signals', { channel: 'news' }],
      ['list_channels', {}],
    ] as const) {
      expect(JSON.stringify(await call(connector, name, args, eve))).not.toMatch(/ours|"news"/)
    }
  }
})

test('a namespace that is not shared is refused, with those that are', async () => {
  const connector = all['process'] as Connector
  expect(await refusal(call(connector, 'get_state', { key: 'x', namespace: 'shared/vault' }))).toMatchObject({
    code: 'HUB_DENIED',
    message: expect.stringContaining('shared/desk'),
  })
  for (const namespace of [
    '',
    'shared',
    'shared/',
    'shared/..',
    'shared/a/b',
    'OWN',
    'own/x',
    'shared/desk\u0000',
    'ｓhared/desk',
    '../desk',
    `shared/${'x'.repeat(65)}`,
  ]) {
    expect(await refusal(call(connector, 'get_state', { key: 'x', namespace }))).toMatchObject({
      code: 'HUB_ARGS_INVALID',
      message: expect.stringContaining('shared/<name>'),
    })
  }
})
