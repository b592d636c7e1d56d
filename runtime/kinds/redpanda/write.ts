import type { Answer } from '../../contract/answer.ts'
import { HubError } from '../../contract/errors.ts'
import type { WireMessage } from './driver.ts'
import type { Hold } from './hold.ts'
import { create } from './manage.ts'
import { messageOf, type Outgoing } from './outgoing.ts'
import type { Topic } from './topics.ts'
import type { Waiting } from '../../contract/waiting.ts'

/** Where a message goes besides its topic. */
export interface Way {
  readonly partition?: number | undefined
  readonly createMissing?: boolean | undefined
}

/** Writes one message and says where it lies. */
export async function writeMessage(hold: Hold, outgoing: Outgoing, way: Way, waiting: Waiting): Promise<Answer> {
  const { topic: name } = outgoing
  const topic = await topicFor(hold, name, way, waiting)
  const message = await messageOf(hold.reading, outgoing)
  const producer = hold.producer()
  const { partition, offset } = await producer.send(name, producer.partitionFor(topic, message, way.partition), message, waiting)
  return { type: 'data', data: { topic: name, partition, offset, bytes: bytesOf(message) } }
}

/** The topic to write to, made where that is asked for. */
export async function topicFor({ link, topics }: Hold, name: string, { createMissing }: Way, waiting: Waiting): Promise<Topic> {
  topics.permit(name)
  try {
    return await link.use(waiting, (cluster) => topics.get(cluster, name))
  } catch (error) {
    if (createMissing !== true || !(error instanceof HubError) || error.code !== 'HUB_ARGS_INVALID') throw error
  }
  return link.use(waiting, async (cluster) => {
    await create(cluster, name, { numPartitions: -1, replicationFactor: -1, configEntries: [] })
    return topics.get(cluster, name)
  })
}

const bytesOf = ({ key, value }: WireMessage): number => (key?.length ?? 0) + (value?.length ?? 0)
