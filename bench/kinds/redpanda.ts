import { createRequire } from 'node:module'
import { CompressionTypes, Kafka, logLevel, type Producer } from 'kafkajs'
import { kafkaMissing, startKafka, type RunningKafka } from '../../tests/components/kafka.ts'
import type { KindBench, KindGround } from './kind.ts'

const messages = 100_000
const perCall = 10
const bulkBytes = 1_073_741_824
const bulkValue = 16_384
const sentTogether = 500

const manifest = `
connector: bench
kind: redpanda
summary: Topics of a benchmark.
config: { brokers: ['\${BENCH_KAFKA}'] }
tools:
  read_ten:
    summary: Ten messages from an offset on.
    effect: read
    input: { type: object, required: [offset], properties: { offset: { type: integer } } }
    operation: { read: { topic: bench.read, from: '{offset}', limit: ${perCall} } }
  find:
    summary: The messages of one key.
    effect: read
    input: { type: object, required: [key], properties: { key: { type: string } } }
    operation: { read: { topic: bench.bulk, from: earliest, key: '{key}', limit: 1 } }
    policy: { timeout: 5m }
  write_one:
    summary: One message.
    effect: write
    input: { type: object, required: [symbol], properties: { symbol: { type: string }, price: { type: number }, n: { type: integer } } }
    operation: { produce: { topic: bench.written, key: '{symbol}' } }
`
const row = (n: number): object => ({
  symbol: `S${n % 100}/USDT`,
  exchange: 'binance',
  price: 50_000 + (n % 1_000) / 10,
  volume: n / 7,
  timestamp: '2026-01-31T09:00:00.000Z',
  n,
})

/** Ten messages from an offset on, against kafkajs's own fetch request and decoder. */
export const redpandaBench: KindBench = {
  kind: 'redpanda',
  what: `${perCall} messages of ${messages} by offset`,
  start: (say) => ground(say, async (kafka, client) => ({ ...reading(await fetcher(kafka.broker)), bulk: await fillBulk(client, say) })),
}

/** One message, acknowledged by all replicas, against kafkajs's own idempotent producer. */
export const redpandaProduceBench: KindBench = {
  kind: 'redpanda-produce',
  what: 'one message of 100 bytes, acknowledged',
  start: (say) => ground(say, async (_kafka, client) => writing(client)),
}

type Work = Pick<KindGround, 'tool' | 'args' | 'bare' | 'bulk'> & { close(): Promise<void> }

async function ground(
  say: (line: string) => void,
  prepare: (kafka: RunningKafka, client: Kafka) => Promise<Work>,
): Promise<KindGround | { readonly missing: string }> {
  const missing = await kafkaMissing()
  if (missing !== undefined) return { missing }
  say('starting Kafka')
  const kafka = await startKafka()
  const client = new Kafka({ brokers: [kafka.broker], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  await admin.createTopics({
    topics: ['bench.read', 'bench.written', 'bench.bulk'].map((topic) => ({ topic, numPartitions: topic === 'bench.written' ? 4 : 1 })),
  })
  await admin.disconnect()
  await fill(client, say)
  const { close, ...work } = await prepare(kafka, client)
  return {
    manifest,
    env: { BENCH_KAFKA: kafka.broker },
    ...work,
    stop: async () => {
      await close()
      await kafka.stop()
    },
  }
}

async function fill(client: Kafka, say: (line: string) => void): Promise<void> {
  say(`writing ${messages} messages`)
  await producing(client, async (producer) => {
    for (let n = 0; n < messages; n += sentTogether) {
      await producer.send({
        topic: 'bench.read',
        messages: Array.from({ length: sentTogether }, (_, index) => ({ key: `S${(n + index) % 100}`, value: JSON.stringify(row(n + index)) })),
      })
    }
  })
}

async function fillBulk(client: Kafka, say: (line: string) => void): Promise<NonNullable<KindGround['bulk']>> {
  say(`writing ${bulkBytes} bytes`)
  const value = JSON.stringify({ filling: 'x'.repeat(bulkValue - 20) })
  const together = 50
  await producing(client, async (producer) => {
    for (let sent = 0; sent < bulkBytes / bulkValue; sent += together)
      await producer.send({
        topic: 'bench.bulk',
        compression: CompressionTypes.None,
        messages: Array.from({ length: together }, () => ({ key: 'hay', value })),
      })
  })
  return { what: `1 GB of messages looked through for a key that is not there`, tool: 'bench_find', args: { key: 'needle' } }
}

async function producing(client: Kafka, work: (producer: Producer) => Promise<void>): Promise<void> {
  const producer = client.producer()
  await producer.connect()
  await work(producer)
  await producer.disconnect()
}

function reading(fetch: Fetcher): Work {
  const offsetOf = (n: number): number => (n * 7_919) % (messages - perCall)
  return {
    tool: 'bench_read_ten',
    args: (n) => ({ offset: offsetOf(n) }),
    bare: (n) => fetch.read('bench.read', offsetOf(n)),
    close: fetch.close,
  }
}

async function writing(client: Kafka): Promise<Work> {
  const producer = client.producer({ idempotent: true })
  await producer.connect()
  const message = (n: number): { symbol: string; price: number; n: number } => ({ symbol: `S${n % 100}/USDT`, price: n / 3, n })
  return {
    tool: 'bench_write_one',
    args: message,
    bare: (n) => producer.send({ topic: 'bench.written', messages: [{ key: message(n).symbol, value: JSON.stringify(message(n)) }] }),
    close: () => producer.disconnect(),
  }
}

interface Fetcher {
  read(topic: string, offset: number): Promise<readonly unknown[]>
  close(): Promise<void>
}

/** kafkajs below its consumer, which knows no reading without a group: its broker's fetch, decoded by it. As many bytes are asked for as the tool asks for. */
async function fetcher(broker: string): Promise<Fetcher> {
  const load = createRequire(import.meta.url)
  const Cluster = load('kafkajs/src/cluster') as new (options: object) => BareCluster
  const { createLogger } = load('kafkajs/src/loggers') as { createLogger(options: object): object }
  const socketFactory = (load('kafkajs/src/network/socketFactory') as () => object)()
  const logger = createLogger({ level: 0, logCreator: () => () => {} })
  const cluster = new Cluster({
    brokers: [broker],
    clientId: 'bare',
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    enforceRequestTimeout: true,
    metadataMaxAge: 300_000,
    logger,
    socketFactory,
    allowAutoTopicCreation: false,
  })
  await cluster.connect()
  await cluster.addTargetTopic('bench.read')
  const leader = await cluster.findBroker({ nodeId: 1 })
  return {
    read: async (topic, offset) => {
      const { responses } = await leader.fetch({
        replicaId: -1,
        isolationLevel: 1,
        maxWaitTime: 0,
        minBytes: 1,
        maxBytes: 16_384,
        topics: [{ topic, partitions: [{ partition: 0, fetchOffset: String(offset), maxBytes: 16_384 }] }],
      })
      const found = responses[0]?.partitions[0]?.messages ?? []
      const first = found.findIndex((message) => Number(message.offset) >= offset)
      return found.slice(first, first + perCall).map(({ value }) => JSON.parse(String(value)) as unknown)
    },
    close: () => cluster.disconnect(),
  }
}

interface BareCluster {
  connect(): Promise<void>
  disconnect(): Promise<void>
  addTargetTopic(topic: string): Promise<void>
  findBroker(options: { nodeId: number }): Promise<{
    fetch(request: object): Promise<{ responses: readonly { partitions: readonly { messages: readonly { offset: string; value: Buffer }[] }[] }[] }>
  }>
}
