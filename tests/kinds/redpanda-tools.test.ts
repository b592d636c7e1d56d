import { randomBytes } from 'node:crypto'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connector } from '../../runtime/contract/kind.ts'
import { rawNumber } from '../../runtime/contract/json.ts'
import { redpanda } from '../../runtime/kinds/redpanda/kind.ts'
import { kafkaMissing, startKafka, type RunningKafka } from '../components/kafka.ts'
import { failureOf, until } from './conformance.ts'
import { lend, runWith } from './lent.ts'
import { ask, dataOf, freshTopic, toolOf, write, type Loose } from './redpanda.ts'

const missing = await kafkaMissing()

describe.skipIf(missing !== undefined)(`kind redpanda on a Kafka broker${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let kafka: RunningKafka
  let bus: Connector
  /** The same cluster by kafkajs alone, as others use it. */
  let others: Kafka

  beforeAll(async () => {
    kafka = await startKafka()
    others = new Kafka({ brokers: [kafka.broker], logLevel: logLevel.NOTHING, retry: { retries: 10, initialRetryTime: 100 } })
    bus = await redpanda.open(
      {
        brokers: [kafka.broker],
        schemas: { 'checked.*': { type: 'object', required: ['price'], properties: { price: { type: 'number' }, symbol: { enum: ['BTC/USDT'] } } } },
      },
      lend('bus'),
    )
  })
  afterAll(async () => {
    await bus?.close()
    await kafka?.stop()
  })

  describe('topics', () => {
    test('are created, described, grown and deleted', async () => {
      const topic = await freshTopic(bus, 'life', { partitions: 2, configs: { 'retention.ms': 3_600_000, 'cleanup.policy': 'compact' } })
      expect(await dataOf(bus, 'create_topic', { topic })).toEqual({ topic, created: false, partitions: 2 })
      expect(await dataOf(bus, 'describe_topic', { topic })).toMatchObject({
        topic,
        partitions: 2,
        messages: 0,
        rows: [{ partition: 0, leader: 1, replicas: [1], inSync: [1], earliest: 0, latest: 0 }, { partition: 1 }],
      })
      expect((await dataOf(bus, 'describe_configs', { topic, changed: true })).rows).toEqual([
        { name: 'cleanup.policy', value: 'compact', source: 'topic', readOnly: false },
        { name: 'retention.ms', value: '3600000', source: 'topic', readOnly: false },
      ])
      expect(await dataOf(bus, 'add_partitions', { topic, add: 2 })).toEqual({ topic, before: 2, partitions: 4 })
      expect(await dataOf(bus, 'add_partitions', { topic, total: 4 })).toEqual({ topic, before: 4, partitions: 4 })
      expect((await failureOf(ask(bus, 'add_partitions', { topic, total: 3 }))).message).toContain('none can be taken away')
      expect((await dataOf(bus, 'list_topics', { like: 'life.*', counts: true })).rows).toContainEqual({ name: topic, partitions: 4, replicas: 1, messages: 0 })
      expect(await dataOf(bus, 'delete_topic', { topic })).toEqual({ topic, deleted: true })
      expect((await failureOf(ask(bus, 'describe_topic', { topic }))).code).toBe('HUB_ARGS_INVALID')
    })

    test('one that is not there is answered with names that are close, and is not created by asking', async () => {
      const topic = await freshTopic(bus, 'near.momentum')
      const wrong = topic.replace('momentum', 'momentun')
      for (const [standard, more] of [
        ['read_messages', { limit: 1 }],
        ['produce', { value: 1 }],
        ['describe_topic', {}],
      ] as const) {
        expect((await failureOf(ask(bus, standard, { topic: wrong, ...more }))).message).toBe(`there is no topic "${wrong}"; did you mean "${topic}"?`)
      }
      expect((await dataOf(bus, 'list_topics', { like: wrong })).rows).toEqual([])
    })

    test('what the cluster refuses is told in its words', async () => {
      expect((await failureOf(ask(bus, 'create_topic', { topic: 'too.many.copies', replicas: 3 }))).message).toContain('fewer brokers than copies')
      expect((await failureOf(ask(bus, 'create_topic', { topic: 'odd.setting', configs: { 'no.such': 1 } }))).message).toContain('INVALID_CONFIG')
      expect(await dataOf(bus, 'create_topic', { topic: 'never.made', validateOnly: true })).toEqual({ topic: 'never.made', created: false })
      expect((await dataOf(bus, 'list_topics', { like: 'never.made' })).rows).toEqual([])
    })

    test('more partitions than a tool answers are cut, and that is said', async () => {
      const topic = await freshTopic(bus, 'wide', { partitions: 40 })
      const answer = await ask(bus, 'describe_topic', { topic }, runWith(), { rows: 10, bytes: 262_144 })
      expect((answer.data as Loose).rows).toHaveLength(10)
      expect(answer.data).toMatchObject({ partitions: 40 })
      expect(answer.truncated).toEqual({ by: 'rows', kept: 10, limit: 10 })
    })

    test('those of others are not seen', async () => {
      const topic = await freshTopic(bus, 'private')
      const narrow = await redpanda.open({ brokers: [kafka.broker], topics: ['crypto.*'] }, lend('narrow'))
      for (const standard of ['read_messages', 'produce', 'delete_topic', 'create_topic', 'describe_configs', 'collect_latest'] as const) {
        expect((await failureOf(ask(narrow, standard, { topic, limit: 1, value: 1 }))).code).toBe('HUB_DENIED')
      }
      expect((await failureOf(ask(bus, 'read_messages', { topic: '__consumer_offsets', limit: 1 }))).code).toBe('HUB_DENIED')
      expect((await dataOf(narrow, 'list_topics', {})).rows.filter(({ name }: Loose) => !name.startsWith('crypto.'))).toEqual([])
      await narrow.close()
    })

    test('brokers have settings too, and secrets among them are not shown', async () => {
      const { rows } = await dataOf(bus, 'describe_configs', { like: 'log.dirs' })
      expect(rows).toHaveLength(1)
      expect((await failureOf(ask(bus, 'describe_configs', { broker: 9 }))).message).toBe('there is no broker 9; there are 1')
    })
  })

  describe('messages', () => {
    test('the last ones, from the beginning, from an offset, from a time, and on from there', async () => {
      const topic = await freshTopic(bus, 'places')
      await write(bus, topic, [0, 1, 2, 3, 4])
      const values = async (args: object): Promise<unknown> =>
        (await dataOf(bus, 'read_messages', { topic, limit: 2, ...args })).rows.map(({ value }: Loose) => value)
      expect(await values({})).toEqual([3, 4])
      expect(await values({ from: 'earliest' })).toEqual([0, 1])
      expect(await values({ from: 2 })).toEqual([2, 3])
      expect(await values({ from: '1h' })).toEqual([0, 1])
      expect(await values({ from: new Date(Date.now() + 60_000).toISOString() })).toEqual([])
      const { next } = await dataOf(bus, 'read_messages', { topic, limit: 2, from: 'earliest' })
      expect(next).toEqual({ '0': 2 })
      expect(await values({ offsets: next, limit: 10 })).toEqual([2, 3, 4])
      expect((await failureOf(ask(bus, 'read_messages', { topic, limit: 1, from: 'yesterday' }))).message).toContain('is no place to begin')
    })

    test('of several partitions come by time, and what was left out is read next', async () => {
      const topic = await freshTopic(bus, 'merged', { partitions: 3 })
      for (let value = 0; value < 30; value += 1) await ask(bus, 'produce', { topic, value, partition: value % 3 })
      const seen: number[] = []
      let offsets: Loose
      for (let page = 0; page < 10; page += 1) {
        const data = await dataOf(bus, 'read_messages', { topic, limit: 4, ...(offsets === undefined ? { from: 'earliest' } : { offsets }) })
        seen.push(...data.rows.map(({ value }: Loose) => value))
        offsets = data.next
      }
      expect([...seen].sort((left, right) => left - right)).toEqual(Array.from({ length: 30 }, (_, index) => index))
      expect((await failureOf(ask(bus, 'read_messages', { topic, limit: 1, from: 5 }))).message).toContain('say which')
      expect((await failureOf(ask(bus, 'read_messages', { topic, limit: 1, partition: 7 }))).message).toContain('has no partition 7; it has 3: 0 to 2')
      expect((await dataOf(bus, 'read_messages', { topic, limit: 5, partition: 1, from: 3 })).rows.map(({ offset }: Loose) => offset)).toEqual([3, 4, 5, 6, 7])
    })

    test('an offset that is not there is answered with those that are', async () => {
      const topic = await freshTopic(bus, 'range')
      await write(bus, topic, [1, 2, 3])
      const admin = others.admin()
      await admin.connect()
      // kafkajs does not ask by itself where a new topic is.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
      await admin.disconnect()
      expect((await failureOf(ask(bus, 'read_messages', { topic, limit: 1, from: 0 }))).message).toBe(
        `offset 0 is out of range: partition 0 of "${topic}" holds 2 up to, not including, 3`,
      )
      expect((await failureOf(ask(bus, 'read_messages', { topic, limit: 1, from: 99 }))).details).toMatchObject({ earliest: 2, latest: 3 })
      expect((await dataOf(bus, 'read_messages', { topic, limit: 5, from: 'earliest' })).rows.map(({ value }: Loose) => value)).toEqual([3])
    })

    test('numbers keep every digit, there and back', async () => {
      const topic = await freshTopic(bus, 'digits')
      const value = { id: rawNumber('9007199254740993'), price: rawNumber('0.1234567890123456789'), small: 1.5 }
      await ask(bus, 'produce', { topic, value })
      const raw = await dataOf(bus, 'read_messages', { topic, limit: 1, format: 'text' })
      expect(raw.rows[0].value).toBe('{"id":9007199254740993,"price":0.1234567890123456789,"small":1.5}')
      expect(JSON.stringify((await dataOf(bus, 'read_messages', { topic, limit: 1 })).rows[0].value)).toBe(
        '{"id":9007199254740993,"price":0.1234567890123456789,"small":1.5}',
      )
    })

    test('keys in any language and of a megabyte, headers of bytes, and tombstones', async () => {
      const topic = await freshTopic(bus, 'keys', { configs: { 'max.message.bytes': 4_000_000 } })
      const long = 'k'.repeat(1_048_576)
      await ask(bus, 'produce', { topic, key: 'Ключ 🔑 ä', value: 'x', format: 'text', headers: { plain: 'größer', bytes: { base64: '/wD/' } } })
      await ask(bus, 'produce', { topic, key: long, value: 'long' })
      await ask(bus, 'produce', { topic, key: 'gone', value: null })
      const answer = await ask(bus, 'read_messages', { topic, limit: 10, from: 'earliest' }, runWith(), { rows: 10, bytes: 3_000_000 })
      const { rows } = answer.data as Loose
      expect(rows[0]).toMatchObject({ key: 'Ключ 🔑 ä', value: 'x', format: 'text', headers: { plain: 'größer', bytes: { base64: '/wD/' } } })
      expect(rows[1].key).toBe(long)
      expect(rows[2]).toMatchObject({ key: 'gone', value: null, format: 'tombstone' })
      const short = await ask(bus, 'read_messages', { topic, limit: 10, from: 'earliest' })
      expect((short.data as Loose).rows[1]).toMatchObject({
        offset: 1,
        format: 'too-long',
        error: expect.stringContaining('more than an answer of this tool takes'),
      })
      expect((await dataOf(bus, 'read_messages', { topic, limit: 5, from: 'earliest', key: 'gone' })).rows.map(({ offset }: Loose) => offset)).toEqual([2])
    })

    test('one larger than its topic takes is refused with both sizes', async () => {
      const topic = await freshTopic(bus, 'large', { configs: { 'max.message.bytes': 20_000 } })
      const sent = await Promise.allSettled(['a', randomBytes(30_000).toString('base64'), 'c'].map((value) => ask(bus, 'produce', { topic, value })))
      expect(sent.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      expect((sent[1] as PromiseRejectedResult).reason).toMatchObject({
        code: 'HUB_ARGS_INVALID',
        message: expect.stringMatching(/^the message is 40\d\d\d bytes, more than the 20000 bytes its topic takes/),
      })
      expect((await dataOf(bus, 'read_messages', { topic, limit: 5 })).rows.map(({ value }: Loose) => value).sort()).toEqual(['a', 'c'])
    })

    test('poison does not fail the read', async () => {
      const topic = await freshTopic(bus, 'poison')
      await ask(bus, 'produce', { topic, value: '{"cut', format: 'text' })
      await ask(bus, 'produce', { topic, value: '/wD/', format: 'base64' })
      await ask(bus, 'produce', { topic, value: { fine: true } })
      await ask(bus, 'produce', { topic, value: '{"price": NaN}', format: 'text' })
      const asJson = (await dataOf(bus, 'read_messages', { topic, limit: 10, from: 'earliest', format: 'json' })).rows
      expect(asJson.map(({ format }: Loose) => format)).toEqual(['poison', 'poison', 'json', 'poison'])
      expect(asJson[0]).toMatchObject({ offset: 0, error: expect.stringContaining('it is not JSON'), value: Buffer.from('{"cut').toString('base64') })
      expect(asJson[1].error).toContain('no text in UTF-8')
      const found = (await dataOf(bus, 'read_messages', { topic, limit: 10, from: 'earliest' })).rows
      expect(found.map(({ format }: Loose) => format)).toEqual(['text', 'base64', 'json', 'text'])
      expect(found[3].error).toContain('begins like JSON and is not')
      expect((await dataOf(bus, 'read_messages', { topic, limit: 1, from: 'earliest', format: 'registry' })).rows[0].error).toContain('no schema registry')
    })

    test('values that do not fit their topic’s schema are not written, and are told of when they were', async () => {
      const topic = await freshTopic(bus, 'checked')
      expect((await failureOf(ask(bus, 'produce', { topic, value: { price: 'dear' } }))).message).toContain('/price must be number')
      await ask(bus, 'produce', { topic, value: { price: rawNumber('12345678901234567890.5') } })
      await ask(bus, 'produce', { topic, value: null, key: 'a' })
      const free = await redpanda.open({ brokers: [kafka.broker] }, lend('free'))
      await ask(free, 'produce', { topic, value: { price: 1, symbol: 'ETH/USDT' } })
      await free.close()
      const { rows } = await dataOf(bus, 'read_messages', { topic, limit: 5, from: 'earliest' })
      expect(rows.map(({ error }: Loose) => error)).toEqual([undefined, undefined, expect.stringContaining('does not fit the schema of its topic: /symbol')])
      expect(rows[2].value).toEqual({ price: 1, symbol: 'ETH/USDT' })
    })

    test('the answer ends at its bytes, and the next one begins there', async () => {
      const topic = await freshTopic(bus, 'bytes')
      await write(
        bus,
        topic,
        Array.from({ length: 30 }, (_, n) => ({ n, filling: 'x'.repeat(500) })),
      )
      const answer = await ask(bus, 'read_messages', { topic, limit: 30, from: 'earliest' }, runWith(), { rows: 30, bytes: 4_096 })
      const { rows, next } = answer.data as Loose
      expect(answer.truncated).toEqual({ by: 'bytes', kept: rows.length, limit: 4_096 })
      expect(Buffer.byteLength(JSON.stringify(answer.data))).toBeLessThanOrEqual(4_096)
      expect(next['0']).toBe(rows.length)
      const few = await ask(bus, 'read_messages', { topic, limit: 30, from: 'earliest' }, runWith(), { rows: 3, bytes: 262_144 })
      expect(few.truncated).toEqual({ by: 'rows', kept: 3, limit: 3 })
    })

    test.for(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('as Java’s producer writes them: %s', async (codec, { skip }) => {
      if (process.env['HUB_TEST_KAFKA'] !== undefined) skip('Kafka: Java’s producer comes with the broker that the tests start')
      const topic = await freshTopic(bus, `codec.${codec}`)
      const lines = Array.from({ length: 300 }, (_, n) => `line ${n} ${'abc'.repeat(20)}`)
      await kafka.produceByJava(topic, codec, lines)
      const { rows } = await dataOf(bus, 'read_messages', { topic, limit: 1_000, from: 'earliest' })
      expect(rows.map(({ value }: Loose) => value)).toEqual(lines)
    })

    test('of transactions that were given up are nobody’s', async () => {
      const topic = await freshTopic(bus, 'transactions')
      const producer = others.producer({ transactionalId: 'test', idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
      for (const [value, isGood] of [
        ['kept 1', true],
        ['given up', false],
        ['kept 2', true],
      ] as const) {
        const transaction = await producer.transaction()
        await transaction.send({ topic, messages: [{ value }] })
        await (isGood ? transaction.commit() : transaction.abort())
      }
      await producer.disconnect()
      // Three messages, and the mark at the end of each transaction, which the broker writes when it likes.
      await until(async () => (await dataOf(bus, 'describe_topic', { topic })).messages === 6)
      const { rows, next } = await dataOf(bus, 'read_messages', { topic, limit: 10, from: 'earliest' })
      expect(rows.map(({ value }: Loose) => value)).toEqual(['kept 1', 'kept 2'])
      expect(next).toEqual({ '0': 6 })
    })

    test('a key goes where every other client sends it', async () => {
      const topic = await freshTopic(bus, 'spread', { partitions: 7 })
      const producer = others.producer()
      await producer.connect()
      for (const key of ['BTC/USDT', 'ETH/USDT', 'ü', 'a longer key than that']) {
        const [theirs] = await producer.send({ topic, messages: [{ key, value: '1' }] })
        expect((await dataOf(bus, 'produce', { topic, key, value: 2 })).partition).toBe(theirs?.partition)
      }
      await producer.disconnect()
    })

    test('a thousand at once arrive once each, in order of their keys', async () => {
      const topic = await freshTopic(bus, 'once', { partitions: 3 })
      await Promise.all(Array.from({ length: 1_000 }, (_, n) => ask(bus, 'produce', { topic, key: `k${n % 10}`, value: n })))
      const { rows } = await dataOf(bus, 'read_messages', { topic, limit: 1_000, from: 'earliest' })
      const byKey = new Map<string, number[]>()
      for (const { key, value } of rows) byKey.set(key, [...(byKey.get(key) ?? []), value])
      expect(rows).toHaveLength(1_000)
      for (const values of byKey.values()) expect(values).toEqual([...values].sort((left, right) => left - right))
    })
  })

  describe('declared tools', () => {
    test('write what their holes are filled with, and nothing beside the topic they name', async () => {
      await ask(bus, 'create_topic', { topic: 'crypto.signals.momentum' })
      const publish = bus.bind(toolOf({ produce: { topic: 'crypto.signals.{agent}', key: '{symbol}', headers: { from: '{agent}', note: '{note}' } } }))
      expect(await publish({ agent: 'momentum', symbol: 'BTC/USDT', strength: 0.5 }, runWith())).toMatchObject({
        data: { topic: 'crypto.signals.momentum', partition: 0, offset: 0 },
      })
      for (const agent of ['momentum.other', '../x', '', 'a b', '*'])
        expect((await failureOf(publish({ agent, symbol: 'X' }, runWith()))).code).toBe('HUB_ARGS_INVALID')
      const read = bus.bind(toolOf({ read: { topic: 'crypto.signals.{agent}', key: '{symbol}', limit: '{n}', from: '{since}' } }))
      expect(await read({ agent: 'momentum', symbol: 'BTC/USDT', n: 5 }, runWith())).toMatchObject({
        data: { rows: [{ key: 'BTC/USDT', value: { agent: 'momentum', symbol: 'BTC/USDT', strength: 0.5 }, headers: { from: 'momentum' } }] },
      })
      expect(await read({ agent: 'momentum', since: 'earliest' }, runWith())).toMatchObject({ data: { scanned: 1 } })
      const erase = bus.bind(toolOf({ produce: { topic: 'crypto.signals.{agent}', key: '{symbol}', value: 'value', partition: '{p}' } }))
      expect(await erase({ agent: 'momentum', symbol: 'BTC/USDT', value: null, p: 0 }, runWith())).toMatchObject({ data: { offset: 1 } })
      expect((await failureOf(erase({ agent: 'momentum', symbol: 'a' }, runWith()))).message).toBe('/value: is missing')
      expect((await failureOf(erase({ agent: 'momentum', symbol: 'a', value: 1, p: 4 }, runWith()))).message).toContain('has no partition 4')
    })

    test('a topic that is missing is made where the manifest says so', async () => {
      const publish = bus.bind(toolOf({ produce: { topic: 'crypto.market.data.{exchange}.{symbol}', key: '{symbol}', createMissing: true } }))
      expect(await publish({ exchange: 'kraken', symbol: 'BTC/USDT', price: 1 }, runWith())).toMatchObject({
        data: { topic: 'crypto.market.data.kraken.BTC-USDT', offset: 0 },
      })
    })

    test('collect what was there, wait for the rest, and say what is missing', async () => {
      const topic = await freshTopic(bus, 'prices')
      await write(bus, topic, [{ symbol: 'BTC', price: 1 }, { symbol: 'BTC', price: 2 }, { symbol: 'ETH', price: 3 }, { other: 1 }, 'text'])
      const collect = bus.bind(toolOf({ collect: { topic: 'prices.*', by: 'symbol', want: 'symbols', atMost: '20s' } }))
      const [first] = [(await collect({ symbols: ['BTC', 'ETH'] }, runWith())) as Loose]
      expect(first.data).toMatchObject({
        rows: [
          { by: 'BTC', value: { price: 2 }, topic },
          { by: 'ETH', value: { price: 3 } },
        ],
        missing: [],
        complete: true,
      })
      const waiting = collect({ symbols: ['BTC', 'SOL'] }, runWith())
      // Written over and over, so that it does not matter when the waiting began.
      let isDone = false
      void waiting.finally(() => (isDone = true))
      while (!isDone) await ask(bus, 'produce', { topic, value: { symbol: 'SOL', price: 4 } })
      expect(((await waiting) as Loose).data).toMatchObject({ missing: [], complete: true })
      const short = bus.bind(toolOf({ collect: { topic, by: 'symbol', want: 'symbols', atMost: '300ms', limit: 1 } }))
      expect(((await short({ symbols: ['BTC', 'XRP'] }, runWith())) as Loose).data).toMatchObject({ rows: [{ by: 'BTC' }], missing: ['XRP'], complete: false })
      const anything = (await ask(bus, 'collect_latest', { topic, by: 'symbol', atMost: '200ms', limit: 2 })) as Loose
      expect(anything.data.rows.map(({ by }: Loose) => by)).toEqual(['BTC', 'ETH'])
      expect(anything.notes.at(-1)).toContain('more keys than the answer has room for')
      expect((await ask(bus, 'collect_latest', { topic: 'nothing.like.this.*' })).notes?.[0]).toContain('no topic fits')
    })
  })

  describe('groups', () => {
    test('nothing that reads leaves one behind', async () => {
      const before = (await dataOf(bus, 'list_groups', {})).rows
      const topic = await freshTopic(bus, 'traceless')
      await write(bus, topic, [1, 2, 3])
      await ask(bus, 'read_messages', { topic, limit: 2, from: 'earliest' })
      await ask(bus, 'collect_latest', { topic, atMost: '100ms' })
      const admin = others.admin()
      await admin.connect()
      const { groups } = await admin.listGroups()
      await admin.disconnect()
      expect(groups.map(({ groupId }) => groupId).sort()).toEqual(before.map(({ group }: Loose) => group).sort())
    })

    test('are listed, described and measured while they read; their offsets move only when they do not', async () => {
      const topic = await freshTopic(bus, 'grouped', { partitions: 2 })
      for (let n = 0; n < 10; n += 1) await ask(bus, 'produce', { topic, value: n, partition: n % 2 })
      const consumer = others.consumer({ groupId: 'candle-writer', sessionTimeout: 6_000, heartbeatInterval: 500 })
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      let seen = 0
      const readAll = new Promise<void>((resolve) => {
        void consumer.run({ eachMessage: async () => void (++seen === 10 && resolve()) })
      })
      await readAll
      expect(await dataOf(bus, 'describe_group', { group: 'candle-writer' })).toMatchObject({
        state: 'Stable',
        rows: [{ client: 'kafkajs', assigned: [{ topic, partitions: [0, 1] }] }],
      })
      expect((await dataOf(bus, 'list_groups', { like: 'candle*' })).rows).toEqual([
        { group: 'candle-writer', state: 'Stable', protocolType: 'consumer', members: 1 },
      ])
      const refused = await failureOf(ask(bus, 'reset_offsets', { group: 'candle-writer', topic, to: 'earliest' }))
      expect(refused).toMatchObject({ code: 'HUB_DENIED', message: expect.stringMatching(/is active \(Stable\).*kafkajs \(kafkajs-/) })
      await consumer.disconnect()

      expect(await dataOf(bus, 'consumer_lag', { group: 'candle-writer', topic })).toMatchObject({ total: 0, groups: 1 })
      for (let n = 0; n < 3; n += 1) await ask(bus, 'produce', { topic, value: n, partition: 1 })
      expect(await dataOf(bus, 'consumer_lag', { topic })).toMatchObject({
        total: 3,
        rows: [
          { group: 'candle-writer', partition: 0, committed: 5, latest: 5, lag: 0 },
          { partition: 1, committed: 5, latest: 8, lag: 3 },
        ],
      })
      const reset = (args: object): Promise<Loose> => dataOf(bus, 'reset_offsets', { group: 'candle-writer', topic, ...args })
      expect(await reset({ to: 'earliest', dryRun: true })).toMatchObject({
        applied: false,
        rows: [
          { partition: 0, before: 5, after: 0 },
          { partition: 1, before: 5, after: 0 },
        ],
      })
      expect((await dataOf(bus, 'consumer_lag', { group: 'candle-writer' })).total).toBe(3)
      await reset({ to: 'earliest' })
      expect((await dataOf(bus, 'consumer_lag', { group: 'candle-writer' })).total).toBe(13)
      await reset({ offsets: { '1': 7 } })
      expect((await dataOf(bus, 'consumer_lag', { group: 'candle-writer' })).rows.map(({ lag }: Loose) => lag)).toEqual([5, 1])
      await reset({ to: 'latest' })
      expect((await dataOf(bus, 'consumer_lag', { group: 'candle-writer' })).total).toBe(0)
      await reset({ to: '1h' })
      expect((await dataOf(bus, 'consumer_lag', { group: 'candle-writer' })).total).toBe(13)
      expect((await failureOf(ask(bus, 'reset_offsets', { group: 'candle-writer', topic, offsets: { '1': 99 } }))).message).toContain('out of range')
      expect((await failureOf(ask(bus, 'reset_offsets', { group: 'candle-writer', topic, to: '12' }))).message).toContain(
        'an exact offset is one of a partition',
      )
      expect((await failureOf(ask(bus, 'describe_group', { group: 'nobody' }))).message).toContain('there is no consumer group')
    })
  })
})
