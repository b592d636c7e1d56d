import type { Answer } from '../../contract/answer.ts'
import type { Args } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, isRawNumber, type Json } from '../../contract/json.ts'
import type { Cluster, WireConfig } from './driver.ts'
import { typeOf } from './failures.ts'
import { metadataOf } from './link.ts'
import { numberOf } from './numbers.ts'
import { earliestOffsets, latestOffsets } from './offsets.ts'
import { globMatches } from '../../contract/glob.ts'
import { topicNameFault } from './topic-names.ts'
import { partitionsOf, type Topic, type Topics } from './topics.ts'

const timeout = 10_000
const togetherAtMost = 20
const mostLooks = 100
const lookMs = 20

/** The topics this connector may touch. */
export async function listTopics(cluster: Cluster, topics: Topics, args: Args, mostRows: number): Promise<Answer> {
  const found = await topics.list(cluster, args['like'] === undefined ? '*' : String(args['like']))
  const shown = found.slice(0, mostRows)
  const rows: Json[] = []
  for (let at = 0; at < shown.length; at += togetherAtMost) {
    const few = shown.slice(at, at + togetherAtMost)
    rows.push(
      ...(await Promise.all(few.map(async (topic) => ({ ...outline(topic), ...(args['counts'] === true && { messages: await countOf(cluster, topic) }) })))),
    )
  }
  const truncated = found.length > shown.length ? { truncated: { by: 'rows' as const, kept: shown.length, limit: mostRows } } : {}
  return { type: 'data', data: { rows }, ...(rows.length === 0 && { notes: ['there is no topic of such a name that this connector may touch'] }), ...truncated }
}

const outline = ({ name, partitions }: Topic): { readonly name: string; readonly partitions: number; readonly replicas: number } => ({
  name,
  partitions: partitions.length,
  replicas: partitions[0]?.replicas.length ?? 0,
})

async function countOf(cluster: Cluster, topic: Topic): Promise<number> {
  const partitions = partitionsOf(topic, undefined)
  const [earliest, latest] = await Promise.all([earliestOffsets(cluster, topic, partitions), latestOffsets(cluster, topic, partitions)])
  return partitions.reduce((sum, partition) => sum + (latest.get(partition) ?? 0) - (earliest.get(partition) ?? 0), 0)
}

/** One topic, as it is now. */
export async function describeTopic(cluster: Cluster, topics: Topics, args: Args, mostRows: number): Promise<Answer> {
  const name = String(args['topic'])
  topics.forget(name)
  const topic = await topics.get(cluster, name)
  const partitions = partitionsOf(topic, undefined)
  const [earliest, latest] = await Promise.all([earliestOffsets(cluster, topic, partitions), latestOffsets(cluster, topic, partitions)])
  const all = topic.partitions.map(({ partitionId, leader, replicas, isr }) => {
    const [first, end] = [earliest.get(partitionId) ?? 0, latest.get(partitionId) ?? 0]
    return { partition: partitionId, leader: leader < 0 ? null : leader, replicas, inSync: isr, earliest: first, latest: end, messages: end - first }
  })
  const data = { topic: name, partitions: all.length, messages: all.reduce((sum, { messages }) => sum + messages, 0), rows: all.slice(0, mostRows) }
  return { type: 'data', data, ...(all.length > mostRows && { truncated: { by: 'rows', kept: mostRows, limit: mostRows } }) }
}

const topicResource = 2
const brokerResource = 4
const sources: readonly string[] = ['unknown', 'topic', 'broker (dynamic)', 'cluster (dynamic)', 'broker (static)', 'default']

/** Settings of a topic or a broker. */
export async function describeConfigs(cluster: Cluster, topics: Topics, args: Args): Promise<Answer> {
  const name = args['topic'] === undefined ? undefined : (await topics.get(cluster, String(args['topic']))).name
  const controller = await cluster.findControllerBroker()
  const nodeId = args['broker'] === undefined ? controller.nodeId : numberOf(args['broker'])
  const ids = (cluster.brokerPool.metadata?.brokers ?? []).map((broker) => broker.nodeId)
  if (name === undefined && !ids.includes(nodeId)) throw new HubError('HUB_ARGS_INVALID', `there is no broker ${nodeId}; there are ${ids.join(', ')}`)
  const broker = name === undefined ? await cluster.findBroker({ nodeId }) : controller
  const { resources } = await broker.describeConfigs({
    resources: [name === undefined ? { type: brokerResource, name: String(nodeId) } : { type: topicResource, name }],
  })
  const like = args['like'] === undefined ? '*' : String(args['like'])
  const entries = (resources[0]?.configEntries ?? []).filter((entry) => globMatches(like, entry.configName) && (args['changed'] !== true || !isDefault(entry)))
  const rows = entries
    .map((entry) => ({ name: entry.configName, value: entry.isSensitive ? null : entry.configValue, source: sourceOf(entry), readOnly: entry.readOnly }))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
  return { type: 'data', data: { rows }, ...(rows.length === 0 && { notes: ['there is no such setting, or none that was changed'] }) }
}

const isDefault = ({ configSource, isDefault: was }: WireConfig): boolean => (configSource === undefined ? was === true : configSource === 5)
const sourceOf = (entry: WireConfig): string =>
  entry.configSource === undefined ? (isDefault(entry) ? 'default' : 'unknown') : (sources[entry.configSource] ?? 'unknown')

/** Creates a topic; one that is there stays as it is. */
export async function createTopic(cluster: Cluster, topics: Topics, args: Args): Promise<Answer> {
  const name = String(args['topic'])
  const fault = topicNameFault(name)
  if (fault !== undefined) throw new HubError('HUB_ARGS_INVALID', `"${name}" is not the name of a topic: ${fault}`)
  topics.permit(name)
  const { configs } = args
  const configEntries = Object.entries(isObject(configs) ? configs : {}).map(([key, value]) => ({
    name: key,
    value: isRawNumber(value) ? value.rawJSON : String(value),
  }))
  const validateOnly = args['validateOnly'] === true
  const created = await create(
    cluster,
    name,
    { numPartitions: numberOf(args['partitions'] ?? -1), replicationFactor: numberOf(args['replicas'] ?? -1), configEntries },
    validateOnly,
  )
  if (validateOnly) return { type: 'data', data: { topic: name, created: false }, notes: [created ? 'it can be created; nothing was' : 'it is there already'] }
  const topic = await topics.get(cluster, name)
  return {
    type: 'data',
    data: { topic: name, created, partitions: topic.partitions.length },
    ...(!created && { notes: ['it was there already, and was left as it is'] }),
  }
}

/** True when it was not there before. Resolves when each partition has a leader. */
export async function create(
  cluster: Cluster,
  name: string,
  shape: { readonly numPartitions: number; readonly replicationFactor: number; readonly configEntries: readonly object[] },
  validateOnly = false,
): Promise<boolean> {
  const controller = await cluster.findControllerBroker()
  try {
    await controller.createTopics({ topics: [{ topic: name, ...shape }], validateOnly, timeout })
    if (!validateOnly) await untilLed(cluster, name)
    return true
  } catch (error) {
    if (typeOf(error) === 'TOPIC_ALREADY_EXISTS') return false
    throw error
  }
}

/** Brokers learn of a new topic a moment after the controller. */
async function untilLed(cluster: Cluster, name: string): Promise<void> {
  for (let attempt = 0; attempt < mostLooks; attempt += 1) {
    const { topicMetadata } = await metadataOf(cluster, [name])
    const [found] = topicMetadata
    if (found?.topicErrorCode === 0 && found.partitionMetadata.every(({ leader }) => leader >= 0)) return
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}

/** How many partitions a topic shall have. Asked once, so that adding is not done twice. */
export async function partitionsWanted(cluster: Cluster, topics: Topics, args: Args): Promise<{ readonly before: number; readonly count: number }> {
  const name = String(args['topic'])
  topics.forget(name)
  const before = (await topics.get(cluster, name)).partitions.length
  const count = args['total'] === undefined ? before + numberOf(args['add']) : numberOf(args['total'])
  if (count < before)
    throw new HubError('HUB_ARGS_INVALID', `topic "${name}" has ${before} partitions already, and none can be taken away`, { partitions: before })
  return { before, count }
}

/** Gives a topic so many partitions. */
export async function setPartitions(
  cluster: Cluster,
  topics: Topics,
  name: string,
  { before, count }: { readonly before: number; readonly count: number },
): Promise<Answer> {
  topics.forget(name)
  // There already: an attempt whose answer was lost.
  const isDone = count === before || (await topics.get(cluster, name)).partitions.length === count
  if (!isDone) {
    const controller = await cluster.findControllerBroker()
    await controller.createPartitions({ topicPartitions: [{ topic: name, count }], timeout })
    topics.forget(name)
  }
  return { type: 'data', data: { topic: name, before, partitions: count }, ...(count === before && { notes: ['it had as many already'] }) }
}

/** Deletes a topic. */
export async function deleteTopic(cluster: Cluster, topics: Topics, name: string): Promise<Answer> {
  topics.forget(name)
  const controller = await cluster.findControllerBroker()
  await controller.deleteTopics({ topics: [name], timeout }).catch((error: unknown) => {
    // An attempt whose answer was lost.
    if (typeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
  })
  return { type: 'data', data: { topic: name, deleted: true } }
}
