import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'
import { stringify } from 'yaml'
import type { RunningKafka } from '../kafka.ts'
import { freePort } from '../port.ts'
import { used } from '../used.ts'
import { startContainer } from './container.ts'

/** What the broker of a container shares with that of a package. */
export interface RedpandaPlan {
  readonly secure: boolean
  readonly login: { readonly username: string; readonly password: string }
  /** Java's producer, against a broker. */
  produceByJava(broker: string, ...what: Parameters<RunningKafka['produceByJava']>): Promise<void>
}

interface Keys {
  readonly key: string
  readonly certificate: string
}

const folder = '/etc/redpanda'
const names = ['plain', 'sasl', 'sasl_tls']
const command = ['redpanda', 'start', '--smp=1', '--memory=1G', '--reserve-memory=0M', '--overprovisioned', '--check=false', '--unsafe-bypass-fsync=true']

/** What a cluster is made with: as the Java broker of the tests, and nothing acknowledged that a killed broker has in its memory only. */
const cluster = {
  auto_create_topics_enabled: true,
  enable_metrics_reporter: false,
  group_initial_rebalance_delay: 0,
  group_topic_partitions: 1,
  storage_min_free_bytes: 10_485_760,
  write_caching_default: 'false',
  sasl_mechanisms: ['SCRAM', 'PLAIN'],
}

/** Starts Redpanda from its image, alone in its cluster. It keeps one SCRAM credential for a user: `login` may log in by PLAIN and SCRAM-SHA-256, not by SCRAM-SHA-512. */
export async function startRedpandaContainer({ secure, login, produceByJava }: RedpandaPlan): Promise<RunningKafka> {
  const keys = secure ? await makeKeys() : undefined
  const [plain, sasl, saslTls] = await Promise.all([freePort(), freePort(), freePort()])
  const ports = keys === undefined ? [plain] : [plain, sasl, saslTls]
  const broker = `127.0.0.1:${plain}`
  const container = await startContainer({
    component: 'redpanda',
    command,
    // It writes what it was started with into its own configuration, which is root's here.
    user: 'root:root',
    files: {
      [`${folder}/redpanda.yaml`]: stringify(configuration(ports)),
      [`${folder}/.bootstrap.yaml`]: stringify(cluster),
      ...(keys && { [`${folder}/broker.key`]: keys.key, [`${folder}/broker.crt`]: keys.certificate }),
    },
    ports: ports.map((port) => ({ container: port, host: port })),
    isReady: () => isReady(broker),
  })
  used('Kafka (Redpanda container)')
  try {
    const { username, password } = login
    if (keys) await container.run(['rpk', 'security', 'user', 'create', username, '--password', password, '--mechanism', 'SCRAM-SHA-256'])
  } catch (error) {
    await container.remove()
    throw error
  }
  return {
    broker,
    ...(keys && { secure: { sasl: `127.0.0.1:${sasl}`, saslTls: `localhost:${saslTls}`, ca: keys.certificate } }),
    pause: container.kill,
    resume: container.start,
    freeze: container.freeze,
    thaw: container.thaw,
    produceByJava: (...what) => produceByJava(broker, ...what),
    stop: container.remove,
  }
}

/** One listener a port: the first asks nothing, the second for a login, the third for one over TLS. */
function configuration(ports: readonly number[]): object {
  const listeners = ports.map((port, at) => ({ name: names[at], port }))
  const [plain, , overTls] = names
  return {
    redpanda: {
      data_directory: '/var/lib/redpanda/data',
      developer_mode: true,
      // Tests kill it more often than it takes for chance.
      crash_loop_limit: null,
      seed_servers: [],
      rpc_server: { address: '127.0.0.1', port: 33_145 },
      admin: [{ address: '127.0.0.1', port: 9_644 }],
      kafka_api: listeners.map((listener) => ({ ...listener, address: '0.0.0.0', authentication_method: listener.name === plain ? 'none' : 'sasl' })),
      advertised_kafka_api: listeners.map((listener) => ({ ...listener, address: listener.name === overTls ? 'localhost' : '127.0.0.1' })),
      kafka_api_tls: listeners
        .filter(({ name }) => name === overTls)
        .map(({ name }) => ({ name, enabled: true, key_file: `${folder}/broker.key`, cert_file: `${folder}/broker.crt`, require_client_auth: false })),
    },
  }
}

async function isReady(broker: string): Promise<boolean> {
  // The engine takes connections for a broker that does not yet: an answer is not waited for long.
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, requestTimeout: 1_000, retry: { retries: 0 } }).admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).controller !== null
  } finally {
    await admin.disconnect()
  }
}

/** A key of the broker's own and its certificate, PEM. */
async function makeKeys(): Promise<Keys> {
  const work = await mkdtemp(join(tmpdir(), 'hub-keys-'))
  const [key, certificate] = [join(work, 'key.pem'), join(work, 'certificate.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  try {
    await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2', ...subject])
    return { key: await readFile(key, 'utf8'), certificate: await readFile(certificate, 'utf8') }
  } catch (error) {
    throw new Error('the certificate of the Redpanda container is made by openssl, which did not run here: install it', { cause: error })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
