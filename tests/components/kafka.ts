import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { inContainer } from './containers/switch.ts'
import { freePort } from './port.ts'
import { used } from './used.ts'

const version = '3.9.1'
const execute = promisify(execFile)
const cache = join(import.meta.dirname, '..', '..', '.hub', 'cache')

/** Who may log in at the listeners that ask. */
export const login = { username: 'hub', password: 'broker-password-of-hub' }

/** A real Kafka broker a test started, alone in its cluster. */
export interface RunningKafka {
  /** host:port of the listener that asks nothing. */
  readonly broker: string
  /** Where it was started with `secure`: SCRAM over plain text, PLAIN and SCRAM over TLS, and the certificate they show. */
  readonly secure?: { readonly sasl: string; readonly saslTls: string; readonly ca: string }
  /** Kills the broker; its data stays. */
  pause(): Promise<void>
  /** Starts it again on the same ports and data; resolves when it answers. */
  resume(): Promise<void>
  /** Stops it from doing anything, connections open. */
  freeze(): void
  thaw(): void
  /** Writes lines as Java's own producer does, in one codec. */
  produceByJava(topic: string, codec: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd', lines: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/** Why there is no broker to be had here; undefined where there is. */
export async function kafkaMissing(): Promise<string | undefined> {
  if (process.env['HUB_TEST_KAFKA'] !== undefined || inContainer('redpanda')) return undefined
  return javaMissing()
}

async function javaMissing(): Promise<string | undefined> {
  const tools = existsSync(libraries())
    ? [['java', '-version']]
    : [
        ['java', '-version'],
        ['mvn', '-version'],
      ]
  for (const [tool = '', flag = ''] of tools) {
    const found = await execute(tool, [flag]).catch(() => undefined)
    if (found === undefined) return 'Kafka: no java/mvn on this machine'
  }
  return undefined
}

/** Starts Kafka in KRaft mode on free ports of loopback, or uses the broker HUB_TEST_KAFKA names, which can then be neither stopped nor asked for a login. */
export async function startKafka(options: { readonly secure?: boolean; readonly settings?: Readonly<Record<string, string>> } = {}): Promise<RunningKafka> {
  const given = process.env['HUB_TEST_KAFKA']
  if (given !== undefined) return outside(given)
  if (inContainer('redpanda')) return startRedpanda(options)
  const classpath = join(await fetchKafka(), '*')
  const folder = await mkdtemp(join(tmpdir(), 'hub-kafka-'))
  const ports = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const [plain, , sasl, saslTls] = ports
  const ca = options.secure === true ? await makeKeys(folder) : undefined
  await writeFile(join(folder, 'log4j.properties'), logging)
  await writeFile(join(folder, 'server.properties'), properties(folder, ports, ca !== undefined, options.settings ?? {}))
  const java = (main: string, ...rest: readonly string[]): readonly string[] => [
    ...machine,
    `-Dlog4j.configuration=file:${join(folder, 'log4j.properties')}`,
    '-cp',
    classpath,
    main,
    ...rest,
  ]
  const users =
    ca === undefined
      ? []
      : ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => ['--add-scram', `${mechanism}=[name=${login.username},password=${login.password}]`])
  await execute('java', [
    ...java('kafka.tools.StorageTool', 'format', '--config', join(folder, 'server.properties'), '--cluster-id', 'aHViLXRlc3QtY2x1c3Rlcg', ...users),
  ])
  const start = (): Promise<ChildProcess> => begin(java('kafka.Kafka', join(folder, 'server.properties')))
  let child = await start()
  used('Kafka')
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  const atExit = (): void => void child.kill('SIGKILL')
  process.on('exit', atExit)
  return {
    broker: `127.0.0.1:${plain}`,
    ...(ca === undefined ? {} : { secure: { sasl: `127.0.0.1:${sasl}`, saslTls: `localhost:${saslTls}`, ca } }),
    pause: kill,
    resume: async () => void (child = await start()),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    produceByJava: (...what) => produceByJava(`127.0.0.1:${plain}`, ...what),
    stop: async () => {
      process.off('exit', atExit)
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startRedpanda({ secure = false, settings = {} }: NonNullable<Parameters<typeof startKafka>[0]>): Promise<RunningKafka> {
  const [setting] = Object.keys(settings)
  if (setting !== undefined) throw new Error(`${setting} is a setting of Java’s broker, which a container of Redpanda is not: run without HUB_TEST_CONTAINERS`)
  const produce: typeof produceByJava = async (...what) => {
    const missing = await javaMissing()
    if (missing !== undefined) throw new Error(`Java’s producer is no part of Redpanda’s image, and ${missing}`)
    await produceByJava(...what)
  }
  return (await import('./containers/redpanda.ts')).startRedpandaContainer({ secure, login, produceByJava: produce })
}

async function produceByJava(broker: string, ...[topic, codec, lines]: Parameters<RunningKafka['produceByJava']>): Promise<void> {
  const words = ['--bootstrap-server', broker, '--topic', topic, '--compression-codec', codec]
  const work = execute('java', [...machine, '-cp', join(await fetchKafka(), '*'), 'kafka.tools.ConsoleProducer', ...words])
  work.child.stdin?.end(lines.map((line) => `${line}\n`).join(''))
  await work
}

const machine = ['-Xmx256m', '-Xms64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.net.preferIPv4Stack=true']

const logging = `log4j.rootLogger=WARN, stdout
log4j.logger.kafka.server.KafkaRaftServer=INFO
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%p %m%n
`

function properties(folder: string, ports: readonly number[], isSecure: boolean, settings: Readonly<Record<string, string>>): string {
  const [plain, controller, sasl, saslTls] = ports
  const listeners = [`PLAINTEXT://127.0.0.1:${plain}`, ...(isSecure ? [`SASL_PLAINTEXT://127.0.0.1:${sasl}`, `SASL_SSL://127.0.0.1:${saslTls}`] : [])]
  const plainModule = 'org.apache.kafka.common.security.plain.PlainLoginModule required'
  const scramModule = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const lines: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${controller}`].join(','),
    'advertised.listeners': listeners.join(',').replace(`SASL_SSL://127.0.0.1`, 'SASL_SSL://localhost'),
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A broker that was killed may come back after this, not after nine seconds.
    'broker.session.timeout.ms': '1000',
    'broker.heartbeat.interval.ms': '200',
    'log.cleaner.dedupe.buffer.size': '8388608',
    'queued.max.requests': '100',
    'num.io.threads': '4',
    ...(isSecure
      ? {
          'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
          'listener.name.sasl_ssl.plain.sasl.jaas.config': `${plainModule} user_${login.username}="${login.password}";`,
          'listener.name.sasl_plaintext.plain.sasl.jaas.config': `${plainModule} user_${login.username}="${login.password}";`,
          'listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config': scramModule,
          'listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config': scramModule,
          'listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config': scramModule,
          'listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config': scramModule,
          'ssl.keystore.location': join(folder, 'keys.p12'),
          'ssl.keystore.type': 'PKCS12',
          'ssl.keystore.password': 'changeit',
          'ssl.key.password': 'changeit',
        }
      : {}),
    ...settings,
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** A key of the broker's own; resolves with its certificate, PEM. */
async function makeKeys(folder: string): Promise<string> {
  const store = ['-keystore', join(folder, 'keys.p12'), '-storetype', 'PKCS12', '-storepass', 'changeit', '-alias', 'broker']
  await execute('keytool', ['-genkeypair', ...store, '-keyalg', 'EC', '-validity', '2', '-dname', 'CN=localhost', '-ext', 'SAN=dns:localhost,ip:127.0.0.1'])
  const { stdout } = await execute('keytool', ['-exportcert', ...store, '-rfc'])
  return stdout
}

/** Runs the broker until it says that it has started. */
async function begin(args: readonly string[]): Promise<ChildProcess> {
  const child = spawn('java', args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    if (said.push(line) > 20) said.shift()
    if (!line.includes('Kafka Server started')) continue
    // What it says from now on is not waited for.
    child.stdout.resume()
    return child
  }
  throw new Error(`Kafka did not start: ${said.join('\n')}`)
}

const libraries = (): string => join(cache, `kafka-${version}`)

/** The broker’s libraries, fetched from Maven Central once (46 MB); resolves with their folder. */
export async function fetchKafka(): Promise<string> {
  const target = libraries()
  if (existsSync(target)) return target
  const work = `${target}.${process.pid}`
  await mkdir(work, { recursive: true })
  const dependency = (group: string, artifact: string, number: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${number}</version></dependency>`
  const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>hub</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependency('org.apache.kafka', 'kafka_2.13', version)}${dependency('org.slf4j', 'slf4j-reload4j', '1.7.36')}</dependencies></project>`
  try {
    await writeFile(join(work, 'pom.xml'), pom)
    await execute('mvn', [
      '-q',
      '-B',
      '-f',
      join(work, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${join(work, 'lib')}`,
      '-DincludeScope=runtime',
    ])
    // Whoever else fetched them meanwhile has the same.
    await rename(join(work, 'lib'), target).catch((error: unknown) => {
      if (!existsSync(target)) throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return target
}

function outside(broker: string): RunningKafka {
  used('Kafka')
  const refuse = (): never => {
    throw new Error('the broker of HUB_TEST_KAFKA is not this test’s to stop')
  }
  return { broker, pause: refuse, resume: refuse, freeze: refuse, thaw: refuse, produceByJava: refuse, stop: () => Promise.resolve() }
}
