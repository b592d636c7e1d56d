import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import type { KafkaJSError, PartitionMetadata } from 'kafkajs'

// kafkajs has no public way to fetch without a consumer group, and its admin and producer keep every topic they ever saw: one that is deleted makes them fail for all. The hub stands on the layer below,
// its cluster and brokers, which speak the protocol and know nothing of groups. The package is pinned to one version, so that this layer is what it was tested against.
const load = createRequire(import.meta.url)

/** What a broker says of the cluster. */
export interface ClusterMetadata {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[]
  readonly clusterId?: string | null
  readonly controllerId: number
  /** Each with the code of what is wrong with it; 0: nothing. */
  readonly topicMetadata: readonly {
    readonly topicErrorCode: number
    readonly topic: string
    readonly isInternal: boolean
    readonly partitionMetadata: readonly PartitionMetadata[]
  }[]
}

/** A request of the protocol in the version both sides know, and how its answer is read. */
export interface ProtocolRequest {
  readonly request: { readonly apiKey: number; readonly apiName: string; readonly apiVersion: number; readonly encode: () => Promise<unknown> }
  readonly response: { decode(raw: Buffer): Promise<unknown>; parse(data: unknown): Promise<unknown> }
  readonly requestTimeout?: number
}

/** Versions of one request a broker knows. */
export interface VersionRange {
  readonly minVersion: number
  readonly maxVersion: number
}

/** A message as kafkajs encodes it. */
export interface WireMessage {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | string>>
  readonly timestamp?: string
}

/** One topic of a request about offsets. */
export interface TopicPartitions<Extra = unknown> {
  readonly topic: string
  readonly partitions: readonly ({ readonly partition: number } & Extra)[]
}

/** One member of a group, as its coordinator describes it. */
export interface WireMember {
  readonly memberId: string
  readonly clientId: string
  readonly clientHost: string
  readonly memberAssignment: Buffer
}

/** One broker, connected. */
export interface Broker {
  readonly nodeId: number
  readonly versions: Readonly<Record<number, VersionRange>>
  readonly connectionPool: { send(request: ProtocolRequest): Promise<unknown> }
  lookupRequest(apiKey: number, definitions: unknown): (options: object) => ProtocolRequest
  metadata(topics?: readonly string[]): Promise<ClusterMetadata>
  listOffsets(request: {
    replicaId: number
    isolationLevel: number
    topics: readonly TopicPartitions[]
  }): Promise<{ responses: readonly TopicPartitions<{ offset: string }>[] }>
  initProducerId(request: { transactionTimeout: number }): Promise<{ producerId: string; producerEpoch: number }>
  createTopics(request: object): Promise<unknown>
  createPartitions(request: object): Promise<unknown>
  deleteTopics(request: object): Promise<unknown>
  describeConfigs(request: object): Promise<{ resources: readonly { configEntries: readonly WireConfig[] }[] }>
  listGroups(): Promise<{ groups: readonly { groupId: string; protocolType: string }[] }>
  describeGroups(request: { groupIds: readonly string[] }): Promise<{ groups: readonly WireGroup[] }>
  offsetFetch(request: { groupId: string; topics: readonly TopicPartitions[] }): Promise<{ responses: readonly TopicPartitions<{ offset: string }>[] }>
  offsetCommit(request: object): Promise<unknown>
}

/** A group, as its coordinator describes it. */
export interface WireGroup {
  readonly groupId: string
  readonly state: string
  readonly protocolType: string
  readonly protocol: string
  readonly members: readonly WireMember[]
}

/** A setting, as a broker describes it. */
export interface WireConfig {
  readonly configName: string
  readonly configValue: string | null
  readonly readOnly: boolean
  readonly isSensitive: boolean
  readonly configSource?: number
  readonly isDefault?: boolean
}

/** Connections to the brokers of one cluster. */
export interface Cluster {
  readonly brokerPool: { readonly metadata: ClusterMetadata | null; createBroker(options: object): Broker; findConnectedBroker(): Promise<Broker> }
  isConnected(): boolean
  connect(): Promise<void>
  disconnect(): Promise<void>
  refreshMetadata(): Promise<void>
  findBroker(options: { nodeId: number }): Promise<Broker>
  findControllerBroker(): Promise<Broker>
  findGroupCoordinator(options: { groupId: string }): Promise<Broker>
}

/** What a cluster is opened with. */
export interface ClusterOptions {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly ssl?: object
  readonly sasl?: object
  readonly connectionTimeout: number
  readonly authenticationTimeout: number
  readonly requestTimeout: number
  readonly enforceRequestTimeout: boolean
  readonly metadataMaxAge: number
  readonly retry: object
  readonly allowAutoTopicCreation: boolean
  readonly logger: unknown
  readonly socketFactory: (options: SocketOptions) => Socket
}

/** What a socket is opened with. */
export interface SocketOptions {
  readonly host: string
  readonly port: number
  readonly ssl?: object | null
  readonly onConnect: () => void
}

/** One line of kafkajs’s log. */
export interface LogEntry {
  readonly namespace: string
  readonly level: number
  readonly log: Readonly<Record<string, unknown>> & { readonly message: string }
}

/** A codec as kafkajs asks for one. */
export interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>
  decompress(buffer: Buffer): Promise<Buffer>
}

interface RequestQueue {
  readonly pending: readonly unknown[]
  throttleCheckTimeoutId: unknown
  scheduleCheckPendingRequests(): void
}

const KafkaCluster = load('kafkajs/src/cluster') as new (options: ClusterOptions) => Cluster
const Encoder = load('kafkajs/src/protocol/encoder') as new () => { writeArray(list: readonly string[]): { writeBoolean(value: boolean): unknown } }
export const { createLogger, LEVELS } = load('kafkajs/src/loggers') as {
  createLogger(options: { level: number; logCreator: () => (entry: LogEntry) => void }): unknown
  LEVELS: { readonly ERROR: number; readonly WARN: number; readonly INFO: number }
}
/** Error codes of the protocol as errors with a `type`. */
export const { createErrorFromCode } = load('kafkajs/src/protocol/error') as { createErrorFromCode(code: number): KafkaJSError & { readonly type: string } }
/** The numbers of the protocol’s requests. */
export const apiKeys = load('kafkajs/src/protocol/requests/apiKeys') as Readonly<Record<string, number>>
const { requests } = load('kafkajs/src/protocol/requests') as { requests: Readonly<Record<string, unknown>> }
/** Codecs by number; kafkajs brings gzip only. */
export const { Codecs } = load('kafkajs/src/protocol/message/compression') as { Codecs: Record<number, () => Codec> }
const { MemberAssignment } = load('kafkajs/src/consumer/assignerProtocol') as {
  MemberAssignment: { decode(buffer: Buffer): { assignment: Readonly<Record<string, readonly number[]>> } | null }
}

/** A request in the version that this broker and kafkajs both know. */
export const requestFor = (broker: Broker, name: 'Fetch' | 'Produce' | 'Metadata', options: object): ProtocolRequest =>
  broker.lookupRequest(apiKeys[name] as number, requests[name])(options)

const oldestMetadata = 4

/** What a broker says of the cluster and of these topics. Creates none, and fails for none: what is wrong with one stands beside it. */
export async function askMetadata(broker: Broker, topics: readonly string[] | 'all'): Promise<ClusterMetadata> {
  const asked = requestFor(broker, 'Metadata', { topics: topics === 'all' ? [] : topics, allowAutoTopicCreation: false })
  // An older broker might create what it is asked for.
  if (asked.request.apiVersion < oldestMetadata) throw createErrorFromCode(35)
  // kafkajs writes no topics as all of them.
  const request = topics.length === 0 ? { ...asked.request, encode: () => Promise.resolve(new Encoder().writeArray([]).writeBoolean(false)) } : asked.request
  const response = { decode: (raw: Buffer) => asked.response.decode(raw), parse: (data: unknown) => Promise.resolve(data) }
  return (await broker.connectionPool.send({ ...asked, request, response })) as ClusterMetadata
}

/** A cluster that learns of its brokers without asking for every topic there is: one without a leader would keep it from beginning. */
export function createCluster(options: ClusterOptions): Cluster {
  const cluster = new KafkaCluster(options)
  const { createBroker } = cluster.brokerPool
  cluster.brokerPool.createBroker = (one) => {
    const broker = createBroker(one)
    broker.metadata = () => askMetadata(broker, [])
    return broker
  }
  return cluster
}

/** Which partitions a member of a group reads; undefined where it is not for this hub to know. */
export function assignmentOf(member: WireMember): Readonly<Record<string, readonly number[]>> | undefined {
  try {
    return MemberAssignment.decode(member.memberAssignment)?.assignment
  } catch {
    // Members of another protocol than consumers’ write what they like.
    return undefined
  }
}

// Where nothing waits, kafkajs 2.2.4 asks for a timer in the past after each answer; Node.js warns of every one.
const { prototype: queue } = load('kafkajs/src/network/requestQueue') as { prototype: RequestQueue }
const { scheduleCheckPendingRequests } = queue
queue.scheduleCheckPendingRequests = function schedule(this: RequestQueue): void {
  if (this.pending.length > 0) scheduleCheckPendingRequests.call(this)
}
