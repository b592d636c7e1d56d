import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connector } from '../../runtime/contract/kind.ts'
import { isRawNumber, rawNumber, type Json } from '../../runtime/contract/json.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import { redpanda } from '../../runtime/kinds/redpanda/kind.ts'
import { inContainer } from '../components/containers/switch.ts'
import { kafkaMissing, login, startKafka, type RunningKafka } from '../components/kafka.ts'
import { startRegistry, type TestRegistry } from '../fixtures/redpanda/registry.ts'
import { failureOf, until } from './conformance.ts'
import { lend, type Lent } from './lent.ts'
import { ask, dataOf, freshTopic, type Loose } from './redpanda.ts'

const missing = await kafkaMissing()
const word = 'registry-password'
const password = new Secret(login.password, 'env:KAFKA_PASSWORD')

/** What a kind is lent, with a fetch that reaches loopback. */
const lendFetch = (name: string): Lent => ({
  ...lend(name),
  egress: { check: () => Promise.resolve(), fetch: (input, init) => fetch(input, init), dispatcher: undefined, aside: undefined },
})

describe.skipIf(missing !== undefined)(`kind redpanda with logins, TLS and a schema registry${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let kafka: RunningKafka
  let registry: TestRegistry
  let bus: Connector

  beforeAll(async () => {
    ;[kafka, registry] = await Promise.all([startKafka({ secure: true }), startRegistry(`hub:${word}`)])
    bus = await redpanda.open(
      { brokers: [kafka.broker], registry: { url: registry.url, username: 'hub', password: new Secret(word, 'env:REGISTRY_PASSWORD') } },
      lendFetch('bus'),
    )
  })
  afterAll(async () => {
    await bus?.close()
    await registry?.stop()
    await kafka?.stop()
  })

  describe('schemas', () => {
    /** Writes a value by its subject's schema and reads it back. */
    async function thereAndBack(stem: string, value: Json, format: string): Promise<Loose> {
      const topic = await freshTopic(bus, stem)
      await ask(bus, 'produce', { topic, value, format: 'registry', subject: stem })
      const { rows } = await dataOf(bus, 'read_messages', { topic, limit: 1 })
      expect(rows[0].format).toBe(format)
      return rows[0].value
    }

    test('Avro, with integers of 64 bits, decimals, times and unions, exact', async () => {
      const id = registry.register({
        subject: 'avro',
        schema: JSON.stringify({
          type: 'record',
          name: 'Tick',
          namespace: 'crypto',
          fields: [
            { name: 'id', type: 'long' },
            { name: 'small', type: 'long' },
            { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 8 } },
            { name: 'fixed', type: { type: 'fixed', name: 'F', size: 8, logicalType: 'decimal', precision: 10, scale: 2 } },
            { name: 'below', type: 'F' },
            { name: 'at', type: { type: 'long', logicalType: 'timestamp-micros' } },
            { name: 'seen', type: { type: 'long', logicalType: 'timestamp-millis' } },
            { name: 'day', type: { type: 'int', logicalType: 'date' } },
            { name: 'note', type: ['null', 'string'], default: null },
            { name: 'ratio', type: 'double' },
            { name: 'tags', type: { type: 'array', items: 'string' } },
            { name: 'levels', type: { type: 'map', values: ['null', 'long'] } },
            { name: 'raw', type: 'bytes' },
            { name: 'side', type: { type: 'enum', name: 'Side', symbols: ['BUY', 'SELL'] }, default: 'BUY' },
          ],
        }),
      })
      const value = {
        id: rawNumber('9223372036854775807'),
        small: 7,
        price: '-12345.67890000',
        fixed: '300.25',
        below: '-1.50',
        at: '2026-01-31T09:00:00.123456Z',
        seen: '2026-01-31T09:00:00.123Z',
        day: '2026-01-31',
        ratio: 'NaN',
        tags: ['a'],
        levels: { best: rawNumber('-9007199254740993'), none: null },
        raw: '/wD/',
      }
      expect(JSON.stringify(await thereAndBack('avro', value, 'avro'))).toBe(
        JSON.stringify({
          id: value.id,
          small: 7,
          price: value.price,
          fixed: value.fixed,
          below: value.below,
          at: value.at,
          seen: value.seen,
          day: value.day,
          note: null,
          ratio: 'NaN',
          tags: ['a'],
          levels: value.levels,
          raw: '/wD/',
          side: 'BUY',
        }),
      )
      const topic = await freshTopic(bus, 'wire')
      await ask(bus, 'produce', { topic, value, format: 'registry', subject: 'avro' })
      const bytes = Buffer.from((await dataOf(bus, 'read_messages', { topic, limit: 1, format: 'base64' })).rows[0].value, 'base64')
      expect([bytes[0], bytes.readInt32BE(1)]).toEqual([0, id])
      const faults: readonly (readonly [object, string])[] = [
        [{ ...value, price: 'dear' }, '/price is not decimal'],
        [{ ...value, price: '1.123456789' }, '/price is not decimal'],
        [{ ...value, id: 1.5 }, '/id is not long'],
        [{ ...value, side: 'HOLD' }, '/side is not enum'],
        [{ ...value, extra: 1 }, 'crypto.Tick has no field "extra"'],
      ]
      for (const [wrong, said] of faults)
        expect((await failureOf(ask(bus, 'produce', { topic, value: wrong as Loose, format: 'registry', subject: 'avro' }))).message).toContain(said)
    })

    test('Protobuf, with messages of another file, and of any place in the file', async () => {
      registry.register({
        subject: 'common.proto',
        schemaType: 'PROTOBUF',
        schema: 'syntax = "proto3"; package crypto; message Money { string currency = 1; int64 units = 2; }',
      })
      const id = registry.register({
        subject: 'proto',
        schemaType: 'PROTOBUF',
        references: [{ name: 'common.proto', subject: 'common.proto', version: 1 }],
        schema: `syntax = "proto3"; package crypto; import "common.proto"; import "google/protobuf/timestamp.proto";
          message Trade { string symbol = 1; Money price = 2; repeated uint32 fills = 3; enum Side { BUY = 0; SELL = 1; } Side side = 4; map<string, sint64> levels = 5; bytes raw = 6; bool live = 7; double ratio = 8;
            google.protobuf.Timestamp at = 9; message Inner { string a = 1; } }
          message Other { string name = 1; }`,
      })
      const value = {
        symbol: 'BTC/USDT',
        price: { currency: 'USD', units: rawNumber('9007199254740993') },
        fills: [1, 4294967295],
        side: 'SELL',
        levels: { best: '-9007199254740993' },
        raw: '/wD/',
        live: true,
        ratio: 'Infinity',
        at: { seconds: '5', nanos: 1 },
      }
      expect(await thereAndBack('proto', value, 'protobuf')).toEqual({ ...value, price: { currency: 'USD', units: '9007199254740993' } })
      const topic = await freshTopic(bus, 'proto.places')
      const head = Buffer.alloc(5)
      head.writeInt32BE(id, 1)
      // Zigzag: one step, the second message; then two steps, the first message in the first.
      for (const path of [
        [2, 2],
        [4, 0, 0],
        [2, 8],
      ])
        await ask(bus, 'produce', { topic, format: 'base64', value: Buffer.concat([head, Buffer.from([...path, 0x0a, 1, 0x78])]).toString('base64') })
      const { rows } = await dataOf(bus, 'read_messages', { topic, limit: 3, from: 'earliest' })
      expect(rows.map(({ value: read, format }: Loose) => (format === 'poison' ? format : read))).toEqual([{ name: 'x' }, { a: 'x' }, 'poison'])
      const faults: readonly (readonly [object, string])[] = [
        [{ symbol: 5 }, '/symbol is not string'],
        [{ fills: [-1] }, '/fills/0 is not uint32'],
        [{ side: 'HOLD' }, '/side is not one of BUY, SELL'],
        [{ price: { units: 'many' } }, '/price/units is not int64'],
        [{ other: 1 }, 'Trade has no field "other"'],
        [{ fills: 1 }, '/fills is not a list'],
        [{ levels: [] }, '/levels is not an object'],
      ]
      for (const [wrong, said] of faults)
        expect((await failureOf(ask(bus, 'produce', { topic, value: wrong as Loose, format: 'registry', subject: 'proto' }))).message).toContain(said)
    })

    test('JSON Schema, checked both ways', async () => {
      registry.register({ subject: 'json', schemaType: 'JSON', schema: '{"type":"object","required":["id"],"properties":{"id":{"type":"integer"}}}' })
      const back = await thereAndBack('json', { id: rawNumber('9007199254740993') }, 'json-schema')
      expect(isRawNumber(back.id) && back.id.rawJSON).toBe('9007199254740993')
      expect(
        (await failureOf(ask(bus, 'produce', { topic: (await freshTopic(bus, 'j')) as Json, value: {}, format: 'registry', subject: 'json' }))).message,
      ).toContain('required property')
    })

    test('what the registry does not know, or no longer fits, is poison with its reason', async () => {
      const topic = await freshTopic(bus, 'misfits')
      const id = registry.register({ subject: 'narrow', schema: '{"type":"record","name":"N","fields":[{"name":"text","type":"string"}]}' })
      const head = Buffer.alloc(5)
      head.writeInt32BE(id, 1)
      await ask(bus, 'produce', { topic, format: 'base64', value: Buffer.concat([head, Buffer.from([200, 1, 65])]).toString('base64') })
      head.writeInt32BE(999, 1)
      await ask(bus, 'produce', { topic, format: 'base64', value: Buffer.concat([head, Buffer.from([2])]).toString('base64') })
      await ask(bus, 'produce', { topic, value: 'plain', format: 'text' })
      const { rows } = await dataOf(bus, 'read_messages', { topic, limit: 3, from: 'earliest' })
      expect(rows.map(({ format }: Loose) => format)).toEqual(['poison', 'poison', 'text'])
      expect(rows[0].error).toContain(`it is not what schema ${id} (avro) says`)
      expect(rows[1].error).toBe('the schema registry has no schema 999')
      expect((await dataOf(bus, 'read_messages', { topic, limit: 1, from: 2, format: 'registry' })).rows[0].error).toContain(
        'does not begin with the id of a schema',
      )
      expect((await failureOf(ask(bus, 'produce', { topic, value: 1, format: 'registry' }))).message).toBe(
        `the schema registry has no subject "${topic}-value"`,
      )
    })

    test('a registry that fails is told, asked once for many, and asked again afterwards', async () => {
      const topic = await freshTopic(bus, 'often')
      registry.register({ subject: 'often', schema: '"string"' })
      registry.fail(500)
      expect((await failureOf(ask(bus, 'produce', { topic, value: 'x', format: 'registry', subject: 'often' }))).code).toBe('HUB_CONNECTOR_DOWN')
      registry.fail(undefined)
      registry.asked.length = 0
      await Promise.all(Array.from({ length: 20 }, () => ask(bus, 'produce', { topic, value: 'x', format: 'registry', subject: 'often' })))
      expect((await dataOf(bus, 'read_messages', { topic, limit: 20 })).rows).toHaveLength(20)
      expect(registry.asked).toEqual(['/subjects/often/versions/latest'])
      const stranger = await redpanda.open({ brokers: [kafka.broker], registry: { url: registry.url } }, lendFetch('stranger'))
      expect((await failureOf(ask(stranger, 'produce', { topic, value: 'x', format: 'registry', subject: 'often' }))).message).toContain(
        'refuses the hub (status 401)',
      )
      await stranger.close()
    })

    test('a flow waits for it, since what it would explain is no poison', async () => {
      const topic = await freshTopic(bus, 'patient')
      registry.register({ subject: 'patient', schema: '{"type":"record","name":"P","fields":[{"name":"n","type":"int"}]}' })
      await ask(bus, 'produce', { topic, value: { n: 1 }, format: 'registry', subject: 'patient' })
      const lent = lendFetch('flow')
      const reader = await redpanda.open(
        { brokers: [kafka.broker], registry: { url: registry.url, username: 'hub', password: new Secret(word, 'env:REGISTRY_PASSWORD') } },
        lent,
      )
      registry.fail(503)
      expect((await failureOf(ask(reader, 'read_messages', { topic, limit: 1 }))).code).toBe('HUB_CONNECTOR_DOWN')
      const ended = new AbortController()
      const reading = (async () => {
        for await (const { rows } of reader.source?.({ topic, from: 'earliest' }).read(undefined, ended.signal) ?? []) if (rows.length > 0) return rows
        return []
      })()
      await until(async () => lent.logged.some((line) => line.includes('the schema registry is waited for')))
      registry.fail(undefined)
      expect(await reading).toEqual([{ n: 1 }])
      await reader.close()
    })

    test('the address of a registry passes the guard', async () => {
      const guarded = await redpanda.open({ brokers: [kafka.broker], registry: { url: registry.url } }, lend('guarded'))
      expect(
        (await failureOf(ask(guarded, 'produce', { topic: (await freshTopic(bus, 'g')) as Json, value: 'x', format: 'registry', subject: 'often' }))).code,
      ).toBe('HUB_EGRESS_DENIED')
      await guarded.close()
    })
  })

  const isElsewhere = process.env['HUB_TEST_KAFKA'] !== undefined
  describe.skipIf(isElsewhere)(`logins${isElsewhere ? ' (skipped: the broker of HUB_TEST_KAFKA has its own)' : ''}`, () => {
    const secure = (): NonNullable<RunningKafka['secure']> => kafka.secure as NonNullable<RunningKafka['secure']>

    test.for(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('%s over TLS', async (mechanism, { skip }) => {
      if (mechanism === 'scram-sha-512' && inContainer('redpanda')) skip('Redpanda (container): it keeps one SCRAM credential for a user')
      const { saslTls, ca } = secure()
      const connector = await redpanda.open(
        { brokers: [saslTls], sasl: { mechanism, username: login.username, password }, tls: { ca: new Secret(ca, 'env:KAFKA_CA') } },
        lend('secure'),
      )
      expect((await connector.check(AbortSignal.timeout(10_000))).state).toBe('up')
      const topic = await freshTopic(connector, `secure.${mechanism}`)
      await ask(connector, 'produce', { topic, value: 1 })
      expect((await dataOf(connector, 'read_messages', { topic, limit: 1 })).rows).toHaveLength(1)
      await connector.close()
    })

    test('a wrong password is told, without a word of it', async () => {
      const lent = lend('wrong')
      const connector = await redpanda.open(
        {
          brokers: [secure().sasl],
          sasl: { mechanism: 'scram-sha-256', username: login.username, password: new Secret('not-the-password', 'env:KAFKA_PASSWORD') },
        },
        lent,
      )
      const error = await failureOf(ask(connector, 'list_topics', {}))
      expect(error).toMatchObject({ code: 'HUB_CONNECTOR_DOWN', message: expect.stringContaining('refuse the hub’s login') })
      expect([error.message, ...lent.logged].join('\n')).not.toContain('not-the-password')
      await connector.close()
    })

    test('a certificate nobody vouches for is not taken', async () => {
      const connector = await redpanda.open(
        { brokers: [secure().saslTls], sasl: { mechanism: 'plain', username: login.username, password }, tls: {} },
        lend('stranger'),
      )
      const { state, detail } = await connector.check(AbortSignal.timeout(10_000))
      expect({ state, detail }).toEqual({ state: 'down', detail: expect.stringContaining('SELF_SIGNED') })
      await connector.close()
    })
  })
})
