import { describe, expect, test } from 'vitest'
import { redpanda } from '../../runtime/kinds/redpanda/kind.ts'
import { kafkaMissing, login, startKafka, type RunningKafka } from '../components/kafka.ts'
import { kindConformance } from './conformance.ts'
import { lend } from './lent.ts'
import { ask, toolOf } from './redpanda.ts'
import { Secret } from '../../runtime/contract/secret.ts'

const missing = await kafkaMissing()
const topic = 'conformance.read'

if (missing !== undefined) describe.skip(`kind redpanda (skipped: ${missing})`, () => void test('is not tried', () => expect(missing).toBeUndefined()))
else {
  kindConformance({
    name: 'a Kafka broker with a login',
    kind: redpanda,
    start: async () => {
      const kafka = await startKafka({ secure: true })
      await seed(kafka)
      const { secure } = kafka
      const config =
        secure === undefined
          ? { brokers: [kafka.broker] }
          : {
              brokers: [secure.sasl],
              sasl: { mechanism: 'scram-sha-256', username: login.username, password: new Secret(login.password, 'env:KAFKA_PASSWORD') },
            }
      return {
        config: config as never,
        secrets: [login.password],
        ...(secure && { outage: { begin: () => kafka.pause(), end: () => kafka.resume() } }),
        stop: () => kafka.stop(),
      }
    },
    badConfigs: [
      { name: 'no broker', config: {}, about: /brokers/ },
      { name: 'an empty list', config: { brokers: [] }, about: /brokers/ },
      { name: 'a broker without a port', config: { brokers: ['localhost'] }, about: /not the address of a broker/ },
      { name: 'a broker that is an address of another sort', config: { brokers: ['http://localhost:9092'] }, about: /not the address of a broker/ },
      { name: 'a port that is none', config: { brokers: ['localhost:99999'] }, about: /not the address|99999/ },
      { name: 'a mechanism nobody has', config: { brokers: ['a:1'], sasl: { mechanism: 'kerberos' } }, about: /mechanism.*one of|allowed/ },
      { name: 'a login without a password', config: { brokers: ['a:1'], sasl: { mechanism: 'scram-sha-256', username: 'a' } }, about: /no password/ },
      { name: 'a password in the clear', config: { brokers: ['a:1'], sasl: { mechanism: 'plain', username: 'a', password: 'b' } }, about: /in the clear/ },
      { name: 'a certificate without a key', config: { brokers: ['a:1'], tls: { certificate: 'x' } }, about: /no key/ },
      { name: 'a topic glob that is none', config: { brokers: ['a:1'], topics: ['a b'] }, about: /topics.*pattern/ },
      { name: 'a registry that is no address', config: { brokers: ['a:1'], registry: { url: 'registry' } }, about: /registry’s url is not an address/ },
      { name: 'a registry with a login in it', config: { brokers: ['a:1'], registry: { url: 'http://a:b@c' } }, about: /holds a login/ },
      { name: 'a time-out without a unit', config: { brokers: ['a:1'], requestTimeout: '5' }, about: /requestTimeout.*pattern/ },
      { name: 'a field it does not have', config: { brokers: ['a:1'], host: 'x' }, about: /host/ },
    ],
    quick: {
      tool: toolOf({ read: { topic, from: 'earliest', limit: 1 } }),
      args: {},
      expected: (answer) =>
        expect(answer).toMatchObject({
          type: 'data',
          data: { topic, rows: [{ partition: 0, offset: 0, key: 'a', value: { n: 1 } }], next: { '0': 1 }, latest: { '0': 1 } },
        }),
    },
  })
}

async function seed(kafka: RunningKafka): Promise<void> {
  const connector = await redpanda.open({ brokers: [kafka.broker] }, lend('seed'))
  await ask(connector, 'create_topic', { topic, partitions: 1 })
  await ask(connector, 'produce', { topic, key: 'a', value: { n: 1 } })
  await connector.close()
}
