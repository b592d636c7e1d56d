import { Kafka, logLevel } from 'kafkajs'
import { migrationsOf } from '../../runtime/commands/migrate/files.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { clickhouse } from '../../runtime/kinds/clickhouse/kind.ts'
import { startClickHouse } from '../components/clickhouse.ts'
import { kafkaMissing, startKafka } from '../components/kafka.ts'
import { used } from '../components/used.ts'
import { startExchanges } from '../fixtures/exchanges/server.ts'
import { services } from '../fixtures/market-data/services.ts'
import { startDocumented } from '../fixtures/market-data/start.ts'
import { lend } from '../kinds/lent.ts'

/** The systems behind the shipped manifests that a quick start does not have. */
export interface Systems {
  readonly environment: Readonly<Record<string, string>>
  /** Prefixes of tools whose system cannot be had on this machine, and why. */
  readonly missing: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** A topic of prices with one message, and a consumer group that has not read it. */
async function withGroup(broker: string): Promise<void> {
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING })
  const [admin, producer] = [kafka.admin(), kafka.producer()]
  await Promise.all([admin.connect(), producer.connect()])
  const [topic, group] = ['crypto.market.data.binance.BTC-USDT', 'recorders']
  await admin.createTopics({ topics: [{ topic }, { topic: 'crypto.orderbook.binance.BTC-USDT' }], waitForLeaders: true })
  await producer.send({ topic, messages: [{ key: 'BTC/USDT', value: '{"symbol":"BTC/USDT","price":"40000.10"}' }] })
  await admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '0' }] })
  await Promise.all([admin.disconnect(), producer.disconnect()])
}

/** Starts them all: services and exchanges as loopback fixtures, ClickHouse with the hub's own tables, Kafka with a topic. */
export async function startSystems(): Promise<Systems> {
  const environment: Record<string, string> = {}
  const missing: Record<string, string> = {}
  const started: { stop(): Promise<unknown> }[] = []
  for (const documented of services) {
    const service = await startDocumented(documented)
    started.push(service)
    Object.assign(environment, documented.environment(service.url))
  }
  const exchanges = await startExchanges()
  used('ccxt against a loopback exchange')
  started.push(exchanges)
  environment['EXCHANGES_PROXY'] = exchanges.url

  const column = await startClickHouse()
  if ('reason' in column) missing['history_'] = column.reason
  else {
    started.push(column)
    environment['CLICKHOUSE_URL'] = column.url
    const connector = await clickhouse.open({ url: new Secret(column.url, 'env:CLICKHOUSE_URL'), migrations: true }, lend('history'))
    await connector.migrate?.(await migrationsOf('clickhouse'), AbortSignal.timeout(60_000))
    await connector.close()
  }
  const noKafka = await kafkaMissing()
  if (noKafka !== undefined) missing['bus_'] = noKafka
  else {
    const kafka = await startKafka()
    started.push(kafka)
    environment['KAFKA_BROKERS'] = kafka.broker
    await withGroup(kafka.broker)
  }
  return {
    environment,
    missing,
    stop: async () => {
      for (const one of started.toReversed()) await one.stop()
    },
  }
}
