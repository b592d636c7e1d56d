import { closest, distance } from 'fastest-levenshtein'
import type { PartitionMetadata } from 'kafkajs'
import { HubError } from '../../contract/errors.ts'
import { createErrorFromCode, type Cluster } from './driver.ts'
import { metadataOf } from './link.ts'
import { globMatches } from '../../contract/glob.ts'
import { allowedBy } from './topic-names.ts'

/** One topic, as the cluster describes it. */
export interface Topic {
  readonly name: string
  /** In order of their numbers. */
  readonly partitions: readonly PartitionMetadata[]
}

const freshMs = 30_000
const mostKept = 5_000
const unknownTopic = 3

/** The topics a connector may touch, and what is known of them. */
export class Topics {
  readonly #mayTouch: (name: string) => boolean
  readonly #known = new Map<string, { readonly topic: Topic; readonly until: number }>()

  constructor(globs: readonly string[]) {
    this.#mayTouch = allowedBy(globs)
  }

  /** Throws HUB_DENIED for a topic that is not this connector’s. */
  permit(name: string): void {
    if (!this.#mayTouch(name)) throw new HubError('HUB_DENIED', `"${name}" is not among the topics of this connector; list_topics tells them`, { topic: name })
  }

  /** One topic; rejects HUB_ARGS_INVALID with names that are close where there is none. */
  async get(cluster: Cluster, name: string): Promise<Topic> {
    this.permit(name)
    const known = this.#known.get(name)
    if (known !== undefined && known.until > Date.now()) return known.topic
    const { topicMetadata } = await metadataOf(cluster, [name])
    const found = topicMetadata.find(({ topic }) => topic === name)
    if (found?.topicErrorCode === 0) return this.#keep(name, found.partitionMetadata)
    if (found !== undefined && found.topicErrorCode !== unknownTopic) throw createErrorFromCode(found.topicErrorCode)
    this.#known.delete(name)
    throw this.unknown(name, await this.names(cluster))
  }

  /** Every topic that this connector may touch, and whose name fits. */
  async list(cluster: Cluster, glob = '*'): Promise<readonly Topic[]> {
    const { topicMetadata } = await metadataOf(cluster, 'all')
    const fitting = topicMetadata.filter(({ topic, topicErrorCode }) => topicErrorCode === 0 && this.#mayTouch(topic) && globMatches(glob, topic))
    return fitting.map(({ topic, partitionMetadata }) => this.#keep(topic, partitionMetadata)).sort((left, right) => (left.name < right.name ? -1 : 1))
  }

  async names(cluster: Cluster): Promise<readonly string[]> {
    return (await this.list(cluster)).map(({ name }) => name)
  }

  /** What is known of a topic is no longer so. */
  forget(name: string): void {
    this.#known.delete(name)
  }

  unknown(name: string, names: readonly string[]): HubError {
    const near = names.length === 0 ? undefined : closest(name, [...names])
    const known = near !== undefined && distance(name, near) <= Math.max(2, name.length / 3) ? `did you mean "${near}"?` : 'list_topics tells which there are'
    return new HubError('HUB_ARGS_INVALID', `there is no topic "${name}"; ${known}`, { topic: name })
  }

  #keep(name: string, partitionMetadata: readonly PartitionMetadata[]): Topic {
    const topic = { name, partitions: [...partitionMetadata].sort((left, right) => left.partitionId - right.partitionId) }
    if (this.#known.size >= mostKept) this.#known.clear()
    this.#known.set(name, { topic, until: Date.now() + freshMs })
    return topic
  }
}

/** The partitions of a topic that are asked for. Throws HUB_ARGS_INVALID for one it does not have. */
export function partitionsOf(topic: Topic, partition: number | undefined): readonly number[] {
  const numbers = topic.partitions.map(({ partitionId }) => partitionId)
  if (partition === undefined) return numbers
  if (!numbers.includes(partition))
    throw new HubError('HUB_ARGS_INVALID', `topic "${topic.name}" has no partition ${partition}; it has ${numbers.length}: 0 to ${numbers.length - 1}`, {
      topic: topic.name,
      partition,
    })
  return [partition]
}

/** The broker that answers for a partition. Throws the protocol’s own error while there is none, which a look at the cluster mends. */
export function leaderOf(topic: Topic, partition: number): number {
  const found = topic.partitions.find(({ partitionId }) => partitionId === partition)
  if (found === undefined || found.leader < 0) throw Object.assign(new Error('there is no leader'), { type: 'LEADER_NOT_AVAILABLE' })
  return found.leader
}
