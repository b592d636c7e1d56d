import type { Answer } from '../../contract/answer.ts'
import type { Args } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import { assignmentOf, type Cluster, type WireGroup } from './driver.ts'
import { numberOf } from './numbers.ts'
import { earliestOffsets, latestOffsets, offsetsAt, type Offsets } from './offsets.ts'
import { fromOf } from './read.ts'
import { globMatches } from '../../contract/glob.ts'
import { partitionsOf, type Topic, type Topics } from './topics.ts'

const mostDescribed = 500

interface Committed {
  readonly topic: string
  readonly partition: number
  readonly offset: number | null
}

/** The groups of the whole cluster: each broker knows its own. */
export async function listGroups(cluster: Cluster, args: Args): Promise<Answer> {
  const like = args['like'] === undefined ? '*' : String(args['like'])
  const groups = (await groupsOf(cluster)).filter(({ groupId }) => globMatches(like, groupId)).sort((left, right) => (left.groupId < right.groupId ? -1 : 1))
  const states = new Map<string, WireGroup>()
  for (const { groupId } of groups.slice(0, mostDescribed)) states.set(groupId, await describe(cluster, groupId))
  const rows = groups.map(({ groupId, protocolType }) => {
    const known = states.get(groupId)
    return { group: groupId, state: known?.state ?? null, protocolType, members: known?.members.length ?? null }
  })
  return { type: 'data', data: { rows }, ...(rows.length === 0 && { notes: ['there is no consumer group of such a name'] }) }
}

async function groupsOf(cluster: Cluster): Promise<readonly { readonly groupId: string; readonly protocolType: string }[]> {
  const brokers = cluster.brokerPool.metadata?.brokers ?? []
  const lists = await Promise.all(brokers.map(async ({ nodeId }) => (await (await cluster.findBroker({ nodeId })).listGroups()).groups))
  return lists.flat()
}

async function describe(cluster: Cluster, groupId: string): Promise<WireGroup> {
  const coordinator = await cluster.findGroupCoordinator({ groupId })
  const { groups } = await coordinator.describeGroups({ groupIds: [groupId] })
  return groups[0] as WireGroup
}

/** A group that is there. Rejects HUB_ARGS_INVALID for one that is not: its coordinator calls it dead. */
async function known(cluster: Cluster, groupId: string): Promise<WireGroup> {
  const group = await describe(cluster, groupId)
  if (group.state !== 'Dead') return group
  throw new HubError('HUB_ARGS_INVALID', `there is no consumer group "${groupId}"; list_groups tells which there are`, { group: groupId })
}

/** One group with its members and what they read. */
export async function describeGroup(cluster: Cluster, args: Args): Promise<Answer> {
  const { groupId, state, protocol, members } = await known(cluster, String(args['group']))
  const rows = members.map((member) => ({
    member: member.memberId,
    client: member.clientId,
    host: member.clientHost,
    assigned: Object.entries(assignmentOf(member) ?? {}).map(([topic, partitions]) => ({
      topic,
      partitions: [...partitions].sort((left, right) => left - right),
    })),
  }))
  return { type: 'data', data: { group: groupId, state, protocol, rows } }
}

/** How far groups are behind. */
export async function consumerLag(cluster: Cluster, topics: Topics, args: Args): Promise<Answer> {
  const topic = args['topic'] === undefined ? undefined : await topics.get(cluster, String(args['topic']))
  const groups =
    args['group'] === undefined
      ? (await groupsOf(cluster)).map(({ groupId }) => groupId).slice(0, mostDescribed)
      : [(await known(cluster, String(args['group']))).groupId]
  const isNamed = args['group'] !== undefined
  const ranges = new Map<string, { readonly earliest: Offsets; readonly latest: Offsets }>()
  const rows: JsonObject[] = []
  for (const group of groups) {
    for (const one of await committedOf(cluster, group, topic, isNamed)) {
      const range = ranges.get(one.topic) ?? (await rangeOf(cluster, topics, one.topic))
      if (range === undefined) continue
      ranges.set(one.topic, range)
      const [earliest, latest] = [range.earliest.get(one.partition) ?? 0, range.latest.get(one.partition) ?? 0]
      const lost = one.offset === null ? 0 : Math.max(0, earliest - one.offset)
      rows.push({
        group,
        topic: one.topic,
        partition: one.partition,
        committed: one.offset,
        earliest,
        latest,
        lag: Math.max(0, latest - Math.max(one.offset ?? earliest, earliest)),
        ...(lost > 0 && { lost }),
      })
    }
  }
  const total = rows.reduce((sum, { lag }) => sum + Number(lag), 0)
  const data = { total, groups: new Set(rows.map(({ group }) => group)).size, rows }
  return {
    type: 'data',
    data,
    ...(rows.length === 0 && { notes: [isNamed ? 'this group committed no offset' : 'no group committed an offset of this topic'] }),
  }
}

async function rangeOf(cluster: Cluster, topics: Topics, name: string): Promise<{ readonly earliest: Offsets; readonly latest: Offsets } | undefined> {
  // A group may remember a topic that is deleted, or one that is not this connector's.
  const topic = await topics.get(cluster, name).catch((error: unknown) => {
    if (error instanceof HubError) return undefined
    throw error
  })
  if (topic === undefined) return undefined
  const partitions = partitionsOf(topic, undefined)
  const [earliest, latest] = await Promise.all([earliestOffsets(cluster, topic, partitions), latestOffsets(cluster, topic, partitions)])
  return { earliest, latest }
}

/** What a group committed; with a topic and the group named, its partitions without a commit too. */
async function committedOf(cluster: Cluster, groupId: string, topic: Topic | undefined, isNamed: boolean): Promise<readonly Committed[]> {
  const coordinator = await cluster.findGroupCoordinator({ groupId })
  const asked = topic === undefined ? [] : [{ topic: topic.name, partitions: partitionsOf(topic, undefined).map((partition) => ({ partition })) }]
  const { responses } = await coordinator.offsetFetch({ groupId, topics: asked })
  const all = responses.flatMap(({ topic: name, partitions }) =>
    partitions.map(({ partition, offset }) => ({ topic: name, partition, offset: Number(offset) < 0 ? null : Number(offset) })),
  )
  const isPart = all.some(({ offset }) => offset !== null)
  return all
    .filter(({ offset }) => offset !== null || (topic !== undefined && (isNamed || isPart)))
    .sort((left, right) => (left.topic === right.topic ? left.partition - right.partition : left.topic < right.topic ? -1 : 1))
}

/** Moves a group; refused while it has members. */
export async function resetOffsets(cluster: Cluster, topics: Topics, args: Args): Promise<Answer> {
  const groupId = String(args['group'])
  const topic = await topics.get(cluster, String(args['topic']))
  const group = await describe(cluster, groupId)
  if (group.state !== 'Empty' && group.state !== 'Dead') throw active(group)
  const after = await targets(cluster, topic, args)
  const before = new Map((await committedOf(cluster, groupId, topic, true)).map(({ partition, offset }) => [partition, offset]))
  const rows = [...after]
    .sort(([left], [right]) => left - right)
    .map(([partition, offset]) => ({ partition, before: before.get(partition) ?? null, after: offset }))
  const isDry = args['dryRun'] === true
  if (!isDry) await commit(cluster, groupId, new Map([[topic.name, after]]))
  const notes = [
    ...(isDry ? ['nothing was changed: this was a dry run'] : []),
    ...(group.state === 'Dead' ? [`group "${groupId}" ${isDry ? 'is not there yet; this would make it' : 'was not there before, and now is'}`] : []),
  ]
  return { type: 'data', data: { group: groupId, topic: topic.name, applied: !isDry, rows }, ...(notes.length > 0 && { notes }) }
}

/** Commits offsets for a group without being in it. The coordinator refuses that while it has members. */
export async function commit(cluster: Cluster, groupId: string, offsets: ReadonlyMap<string, Offsets>): Promise<void> {
  const coordinator = await cluster.findGroupCoordinator({ groupId })
  const topics = [...offsets].map(([topic, own]) => ({ topic, partitions: [...own].map(([partition, offset]) => ({ partition, offset: String(offset) })) }))
  await coordinator.offsetCommit({ groupId, groupGenerationId: -1, memberId: '', retentionTime: -1, topics })
}

/** What a group committed of a topic, by partition. */
export async function committedOffsets(cluster: Cluster, groupId: string, topic: Topic): Promise<Offsets> {
  const all = await committedOf(cluster, groupId, topic, true)
  return new Map(all.flatMap(({ partition, offset }) => (offset === null ? [] : [[partition, offset] as const])))
}

function active({ groupId, state, members }: WireGroup): HubError {
  const named = members.slice(0, 10).map(({ clientId, memberId }) => `${clientId} (${memberId})`)
  const more = members.length > 10 ? ` and ${members.length - 10} more` : ''
  return new HubError(
    'HUB_DENIED',
    `group "${groupId}" is active (${state}), and its offsets stay while it has members: ${named.join(', ') || 'one is joining'}${more}; stop them first`,
    {
      group: groupId,
      state,
      members: members.slice(0, 10).map(({ memberId }) => memberId),
    },
  )
}

async function targets(cluster: Cluster, topic: Topic, args: Args): Promise<Map<number, number>> {
  const { to, offsets } = args
  if (isObject(offsets)) return exact(cluster, topic, offsets)
  const partitions = partitionsOf(topic, undefined)
  const from = fromOf(to as Json)
  if (from.type === 'offset') throw new HubError('HUB_ARGS_INVALID', 'an exact offset is one of a partition: give offsets, for example {"0": 1200}')
  if (from.type === 'time') return new Map(await offsetsAt(cluster, topic, partitions, from.epochMs))
  return new Map(await (from.type === 'earliest' ? earliestOffsets : latestOffsets)(cluster, topic, partitions))
}

async function exact(cluster: Cluster, topic: Topic, offsets: JsonObject): Promise<Map<number, number>> {
  const wanted = new Map(Object.entries(offsets).map(([partition, offset]) => [Number(partition), numberOf(offset)]))
  for (const partition of wanted.keys()) partitionsOf(topic, partition)
  const [earliest, latest] = await Promise.all([earliestOffsets(cluster, topic, [...wanted.keys()]), latestOffsets(cluster, topic, [...wanted.keys()])])
  for (const [partition, offset] of wanted) {
    const [first, end] = [earliest.get(partition) ?? 0, latest.get(partition) ?? 0]
    if (offset < first || offset > end)
      throw new HubError('HUB_ARGS_INVALID', `offset ${offset} is out of range: partition ${partition} of "${topic.name}" holds ${first} up to ${end}`, {
        partition,
        earliest: first,
        latest: end,
      })
  }
  return wanted
}
