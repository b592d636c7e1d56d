import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Batch, Position } from '../../runtime/contract/flow.ts'
import { rawNumber, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector, ExtrasEvent } from '../../runtime/contract/kind.ts'
import { redpanda } from '../../runtime/kinds/redpanda/kind.ts'
import { kafkaMissing, startKafka, type RunningKafka } from '../components/kafka.ts'
import { failureOf } from './conformance.ts'
import { lend, runWith, someone, type Lent } from './lent.ts'
import { ask, dataOf, freshTopic, write, type Loose } from './redpanda.ts'

const missing = await kafkaMissing()

describe.skipIf(missing !== undefined)(`streams of kind redpanda${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let kafka: RunningKafka
  let bus: Connector
  let lent: Lent

  beforeAll(async () => {
    kafka = await startKafka()
    lent = lend('bus')
    bus = await redpanda.open({ brokers: [kafka.broker], schemas: { 'strict.*': { type: 'object', required: ['symbol'] } } }, lent)
  })
  afterAll(async () => {
    await bus?.close()
    await kafka?.stop()
  })

  /** Reads batches until there are so many rows, then lets go. */
  async function take(
    spec: JsonObject,
    count: number,
    from?: Position,
  ): Promise<{ readonly rows: readonly Loose[]; readonly batches: readonly Batch[]; readonly position: Position }> {
    const ended = new AbortController()
    const batches: Batch[] = []
    let rows: Loose[] = []
    for await (const batch of bus.source?.(spec).read(from, ended.signal) ?? []) {
      batches.push(batch)
      rows = [...rows, ...batch.rows]
      if (rows.length >= count) break
    }
    ended.abort()
    return { rows, batches, position: batches.at(-1)?.position ?? {} }
  }

  describe('a source', () => {
    test('gives the values of a topic in order, and goes on where it stood', async () => {
      const topic = await freshTopic(bus, 'go.on')
      await write(bus, topic, [{ n: 1, id: rawNumber('9007199254740993') }, { n: 2 }, 'text'])
      const first = await take({ topic, from: 'earliest' }, 3)
      expect(first.rows).toEqual([{ n: 1, id: '9007199254740993' }, { n: 2 }, { value: 'text' }])
      expect(first.position).toEqual({ offsets: { [topic]: { '0': 3 } } })
      await write(bus, topic, [{ n: 4 }])
      expect((await take({ topic, from: 'earliest' }, 1, first.position)).rows).toEqual([{ n: 4 }])
      expect((await take({ topic, from: '1h' }, 4)).rows).toHaveLength(4)
    })

    test('of many topics and partitions, with what every message is', async () => {
      const one = await freshTopic(bus, 'many.a', { partitions: 2 })
      const other = await freshTopic(bus, 'many.b')
      for (const partition of [0, 1]) await ask(bus, 'produce', { topic: one, value: { partition }, partition, key: 'k', headers: { h: 'x' } })
      await write(bus, other, [{ b: true }])
      const { rows } = await take({ topics: ['many.*'], from: 'earliest', envelope: true }, 3)
      expect(rows.find((row) => row.topic === one && row.partition === 1)).toMatchObject({
        offset: 0,
        key: 'k',
        value: { partition: 1 },
        headers: { h: 'x' },
        format: 'json',
      })
      expect(rows.find((row) => row.topic === other)).toMatchObject({ value: { b: true } })
    })

    test('begins at the end unless told otherwise, and sees what comes then', async () => {
      const topic = await freshTopic(bus, 'fresh')
      await write(bus, topic, [{ old: true }])
      let isDone = false
      const taking = take({ topic }, 1).finally(() => (isDone = true))
      while (!isDone) await write(bus, topic, [{ fresh: true }])
      expect((await taking).rows[0]).toEqual({ fresh: true })
    })

    test('keeps, passes over or ends at poison, as it is told', async () => {
      const topic = await freshTopic(bus, 'poisoned')
      await ask(bus, 'produce', { topic, value: 'no json', format: 'text' })
      await write(bus, topic, [{ n: 1 }])
      const kept = await take({ topic, from: 'earliest', format: 'json' }, 2)
      expect(kept.rows).toEqual([
        { poison: { topic, partition: 0, offset: 0, error: expect.stringContaining('not JSON'), value: Buffer.from('no json').toString('base64') } },
        { n: 1 },
      ])
      expect((await take({ topic, from: 'earliest', format: 'json', onPoison: 'skip' }, 1)).rows).toEqual([{ n: 1 }])
      await expect(take({ topic, from: 'earliest', format: 'json', onPoison: 'fail' }, 2)).rejects.toThrow('the message at offset 0 of partition 0')
    })

    test('says how many messages were removed before it read them', async () => {
      const topic = await freshTopic(bus, 'removed')
      await write(bus, topic, [{ n: 0 }, { n: 1 }, { n: 2 }])
      const { Kafka, logLevel } = await import('kafkajs')
      const admin = new Kafka({ brokers: [kafka.broker], logLevel: logLevel.NOTHING }).admin()
      await admin.connect()
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
      await admin.disconnect()
      const { rows, batches } = await take({ topic }, 1, { offsets: { [topic]: { '0': 0 } } })
      expect(rows).toEqual([{ n: 2 }])
      expect(batches.reduce((sum, { lost = 0 }) => sum + lost, 0)).toBe(2)
    })

    test('shows a group how far it is, and begins where that stands', async () => {
      const topic = await freshTopic(bus, 'committed')
      await write(bus, topic, [{ n: 0 }, { n: 1 }])
      const ended = new AbortController()
      const reading = (async () => {
        for await (const { rows } of bus.source?.({ topic, from: 'earliest', group: 'flow-candles' }).read(undefined, ended.signal) ?? [])
          if (rows.some(({ n }) => n === 1)) await write(bus, topic, [{ n: 2 }])
      })()
      let lag: Loose
      do {
        lag = await dataOf(bus, 'consumer_lag', { group: 'flow-candles', topic }).catch(() => undefined)
      } while (lag?.rows[0]?.committed !== 3)
      expect(lag.total).toBe(0)
      ended.abort()
      await reading
      await write(bus, topic, [{ n: 3 }])
      expect((await take({ topic, group: 'flow-candles' }, 1)).rows).toEqual([{ n: 3 }])
      expect(await dataOf(bus, 'describe_group', { group: 'flow-candles' })).toMatchObject({ state: 'Empty', rows: [] })
    })

    test('refuses what is no beginning, and a topic that is not there', async () => {
      expect(() => bus.source?.({ topic: 'a', from: 'tomorrow' })).toThrow('from: "tomorrow" is no place to begin')
      expect(() => bus.source?.({ topic: 'a', from: '12' })).toThrow('an offset is one of a partition')
      await expect(take({ topic: 'not.there' }, 1)).rejects.toMatchObject({ code: 'HUB_ARGS_INVALID' })
    })
  })

  describe('a sink', () => {
    const signal = new AbortController().signal

    test('writes each row to the topic and under the key its own fields say, in order', async () => {
      const sink = bus.sink?.({ topic: 'sunk.{exchange}.{symbol}', key: '{symbol}', headers: { from: '{exchange}' }, createMissing: true })
      const rows = Array.from({ length: 3_000 }, (_, n) => ({ exchange: n % 2 === 0 ? 'kraken' : 'binance', symbol: 'BTC/USDT', n, id: '9007199254740993' }))
      expect(await sink?.write(rows, signal)).toEqual({ rows: 3_000 })
      const { rows: read } = await dataOf(bus, 'read_messages', { topic: 'sunk.kraken.BTC-USDT', limit: 1_000, from: 'earliest' })
      expect(read.map(({ value }: Loose) => value.n)).toEqual(Array.from({ length: 1_000 }, (_, n) => n * 2))
      expect(read[0]).toMatchObject({ key: 'BTC/USDT', headers: { from: 'kraken' }, value: { id: '9007199254740993' } })
      await sink?.close()
    })

    test('tells of rows it cannot write one by one, and writes the others', async () => {
      const topic = await freshTopic(bus, 'strict', { configs: { 'max.message.bytes': 20_000 } })
      const [stem, last] = [topic.slice(0, topic.lastIndexOf('.')), topic.slice(topic.lastIndexOf('.') + 1)]
      const sink = bus.sink?.({ topic: `${stem}.{part}`, key: '{symbol}' })
      const filling = Array.from({ length: 30_000 }, () => String.fromCharCode(33 + Math.random() * 90)).join('')
      const written = await sink?.write(
        [
          { part: last, symbol: 'a' },
          { part: last },
          { part: 'x.y', symbol: 'b' },
          { part: 'nowhere', symbol: 'c' },
          { part: last, symbol: 'd', filling },
          { part: last, symbol: 'e' },
        ],
        signal,
      )
      expect(written).toEqual({
        rows: 2,
        refused: [
          { index: 1, reason: expect.stringContaining('symbol') },
          { index: 2, reason: expect.stringContaining('cannot be a part of a topic’s name') },
          { index: 3, reason: expect.stringContaining('there is no topic') },
          { index: 4, reason: expect.stringContaining('more than the 20000 bytes') },
        ],
      })
      expect((await dataOf(bus, 'read_messages', { topic, limit: 9 })).rows.map(({ key }: Loose) => key)).toEqual(['a', 'e'])
    })
  })

  describe('topics as resources', () => {
    test('are listed and read, and unknown ones refused', async () => {
      const topic = await freshTopic(bus, 'resource')
      await write(bus, topic, [{ n: 1 }])
      const { extras } = bus
      expect((await extras?.resources(someone))?.map(({ uri }) => uri)).toContain(`kafka://topics/${topic}`)
      expect((await extras?.templates())?.map(({ uriTemplate }) => uriTemplate)).toEqual(['kafka://topics/{topic}'])
      const read = (await extras?.readResource(`kafka://topics/${topic}`, runWith())) as Loose
      expect(JSON.parse(read.contents[0].text)).toMatchObject({ topic, rows: [{ value: { n: 1 } }] })
      for (const uri of [
        'kafka://topics/not.there',
        'kafka://topics/',
        'kafka://topics/a%2fb',
        'kafka://topics/%',
        'other://x',
        'kafka://topics/__consumer_offsets',
      ]) {
        expect((await failureOf(extras?.readResource(uri, runWith()) as never)).code).toBe('HUB_RESOURCE_UNKNOWN')
        await expect(extras?.subscribe(uri, someone)).rejects.toMatchObject({ code: 'HUB_RESOURCE_UNKNOWN' })
      }
    })

    test('tell every watcher of each new message, by one tail', async () => {
      const topic = await freshTopic(bus, 'watched')
      const uri = `kafka://topics/${topic}`
      const told: ExtrasEvent[] = []
      const { extras } = bus
      const stop = extras?.onEvent((event) => told.push(event))
      await extras?.subscribe(uri, someone)
      await extras?.subscribe(uri, { ...someone, id: 'another' })
      await write(bus, topic, [{ n: 1 }])
      while (told.length === 0) await new Promise((resolve) => setImmediate(resolve))
      expect(told[0]).toEqual({ type: 'updated', uri })
      await extras?.unsubscribe(uri, someone)
      told.length = 0
      while (told.length === 0) await write(bus, topic, [{ n: 2 }])
      await extras?.unsubscribe(uri, someone)
      stop?.()
    })
  })
})
