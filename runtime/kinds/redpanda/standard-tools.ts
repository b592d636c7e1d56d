import type { Effect } from '../../contract/principal.ts'
import type { StandardTool } from '../../contract/tool.ts'
import { manageTools } from './manage-tools.ts'
import { durationPattern } from '../../contract/duration.ts'
import { readFormats, writtenFormats, type Standard } from './operation.ts'
import { collectedOutput, groupName, messagesOutput, objectOf, partitionNumber, rowsOf, topicName, writtenOutput } from './tool-schemas.ts'

const listTopics: StandardTool = {
  name: 'list_topics',
  summary: 'The topics of this cluster, with their partitions and how much is in them.',
  description: 'Ask describe_topic for the offsets of one, read_messages for what is in it.',
  effect: 'read',
  input: objectOf({
    like: { type: 'string', maxLength: 249, description: 'Only names like this; * stands for anything.', examples: ['crypto.market.*'] },
    counts: { type: 'boolean', default: false, description: 'Tell how many messages each holds, too; that asks every partition.' },
  }),
  output: rowsOf({
    name: { type: 'string' },
    partitions: { type: 'integer' },
    replicas: { type: 'integer', description: 'Copies of each partition.' },
    messages: {
      type: 'integer',
      description: 'Offsets from the earliest to the latest; where the topic is compacted or holds transactions, fewer messages than that. Only with counts.',
    },
  }),
  operation: { standard: 'list_topics' },
}

const describeTopic: StandardTool = {
  name: 'describe_topic',
  summary: 'One topic: its partitions, where they are, and their earliest and latest offsets.',
  effect: 'read',
  input: objectOf({ topic: topicName }, ['topic']),
  output: rowsOf(
    {
      partition: { type: 'integer' },
      leader: { type: ['integer', 'null'], description: 'The broker that answers for it; null while there is none.' },
      replicas: { type: 'array', items: { type: 'integer' } },
      inSync: { type: 'array', items: { type: 'integer' }, description: 'Replicas that are up to date.' },
      earliest: { type: 'integer', description: 'The first offset that is still there.' },
      latest: { type: 'integer', description: 'The offset the next message gets.' },
      messages: { type: 'integer' },
    },
    {
      topic: { type: 'string' },
      partitions: { type: 'integer' },
      messages: { type: 'integer', description: 'Over all partitions, those not listed included.' },
    },
  ),
  operation: { standard: 'describe_topic' },
}

const describeConfigs: StandardTool = {
  name: 'describe_configs',
  summary: 'The settings of a topic, or of a broker: retention, compaction, largest message and the like.',
  effect: 'read',
  input: objectOf({
    topic: topicName,
    broker: { type: 'integer', minimum: 0, description: 'The id of a broker; absent, and no topic named: the controller.' },
    like: { type: 'string', maxLength: 200, description: 'Only settings like this; * stands for anything.', examples: ['retention.*'] },
    changed: { type: 'boolean', default: false, description: 'Only what differs from the built-in defaults.' },
  }),
  output: rowsOf({
    name: { type: 'string' },
    value: { type: ['string', 'null'], description: 'Null where it is secret or not set.' },
    source: { enum: ['topic', 'broker (dynamic)', 'cluster (dynamic)', 'broker (static)', 'default', 'unknown'] },
    readOnly: { type: 'boolean' },
  }),
  operation: { standard: 'describe_configs' },
  policy: { cache: { ttl: '10s', tags: ['topics'] } },
}

const listGroups: StandardTool = {
  name: 'list_groups',
  summary: 'The consumer groups of this cluster and their state.',
  description: 'What reads through this hub is in no group and leaves none behind.',
  effect: 'read',
  input: objectOf({ like: { type: 'string', maxLength: 255, description: 'Only names like this; * stands for anything.' } }),
  output: rowsOf({
    group: { type: 'string' },
    state: { type: ['string', 'null'], description: 'Stable, Empty, PreparingRebalance, CompletingRebalance or Dead.' },
    protocolType: { type: 'string', description: 'consumer, connect, or empty where only offsets were ever committed.' },
    members: { type: ['integer', 'null'] },
  }),
  operation: { standard: 'list_groups' },
}

const describeGroup: StandardTool = {
  name: 'describe_group',
  summary: 'One consumer group: its state, its members and which partitions each of them reads.',
  effect: 'read',
  input: objectOf({ group: groupName }, ['group']),
  output: rowsOf(
    {
      member: { type: 'string' },
      client: { type: 'string', description: 'What the member calls itself.' },
      host: { type: 'string' },
      assigned: { type: 'array', items: objectOf({ topic: { type: 'string' }, partitions: { type: 'array', items: { type: 'integer' } } }) },
    },
    { group: { type: 'string' }, state: { type: 'string' }, protocol: { type: 'string', description: 'How partitions are shared out.' } },
  ),
  operation: { standard: 'describe_group' },
}

const consumerLag: StandardTool = {
  name: 'consumer_lag',
  summary: 'How far a consumer group, or every group that reads a topic, is behind: by partition and in total.',
  description: 'Name a group, a topic, or both.',
  effect: 'read',
  input: { ...objectOf({ group: groupName, topic: topicName }), anyOf: [{ required: ['group'] }, { required: ['topic'] }] },
  output: rowsOf(
    {
      group: { type: 'string' },
      topic: { type: 'string' },
      partition: { type: 'integer' },
      committed: { type: ['integer', 'null'], description: 'The offset the group reads next; null where it never committed one.' },
      earliest: { type: 'integer' },
      latest: { type: 'integer' },
      lag: { type: 'integer', description: 'latest less committed; where none was committed, all that is there.' },
      lost: { type: 'integer', description: 'Messages that were removed before the group had read them.' },
    },
    { total: { type: 'integer', description: 'Over all partitions, those not listed included.' }, groups: { type: 'integer' } },
  ),
  operation: { standard: 'consumer_lag' },
}

const readMessages: StandardTool = {
  name: 'read_messages',
  summary: 'Messages of a topic: the last ones, or from an offset or a time on.',
  description:
    'Reads without a consumer group, so nothing is left behind and no one else’s position moves. A message that cannot be decoded is answered as such, with its offset and the reason. To read on, give `next` of the answer as `offsets`.',
  effect: 'read',
  input: objectOf(
    {
      topic: topicName,
      limit: { type: 'integer', minimum: 1, maximum: 10_000, description: 'Messages at most.' },
      partition: { ...partitionNumber, description: 'Only this partition; absent: all, by time.' },
      from: {
        type: ['string', 'integer'],
        default: 'latest',
        description: 'latest (the last ones there are), earliest, an offset, a time in ISO 8601, or so long ago.',
        examples: ['latest', 'earliest', 1200, '2026-01-31T09:00:00Z', '15m'],
      },
      offsets: {
        type: 'object',
        maxProperties: 1_000,
        propertyNames: { pattern: '^\\d+$' },
        additionalProperties: { type: 'integer', minimum: 0 },
        description: 'Where to read on, by partition, as `next` of an answer says; from has then no meaning.',
      },
      key: { type: 'string', description: 'Only messages of this key. What is looked through for it is bounded; the answer says how far it came.' },
      format: { enum: [...readFormats], default: 'auto', description: 'How values are decoded; auto finds out.' },
    },
    ['topic', 'limit'],
  ),
  output: messagesOutput,
  operation: { standard: 'read_messages' },
}

const collectLatest: StandardTool = {
  name: 'collect_latest',
  summary: 'The latest value of each key of one or more topics, waited for until all wanted keys came or the time is up.',
  description: 'Looks back a little first. Says which of the wanted keys are missing.',
  effect: 'read',
  input: objectOf(
    {
      topic: {
        type: 'string',
        pattern: '^[A-Za-z0-9._*-]{1,249}$',
        description: 'A topic or a glob; * stands for anything.',
        examples: ['crypto.market.data.*'],
      },
      by: {
        type: 'string',
        minLength: 1,
        maxLength: 200,
        description: 'The field of the value that is the key, parts of a path joined by dots; absent: the key of the message.',
        examples: ['symbol'],
      },
      want: { type: 'array', maxItems: 1_000, items: { type: 'string' }, description: 'Keys to wait for; absent: every key that comes until the time is up.' },
      atMost: { type: 'string', pattern: durationPattern, default: '5s', description: 'How long to wait.' },
      limit: { type: 'integer', minimum: 1, maximum: 10_000, default: 500, description: 'Keys at most.' },
      lookBack: {
        type: 'integer',
        minimum: 0,
        maximum: 100_000,
        default: 1_000,
        description: 'How many of the last messages of each partition are looked through first.',
      },
      format: { enum: [...readFormats], default: 'auto', description: 'How values are decoded; auto finds out.' },
    },
    ['topic'],
  ),
  output: collectedOutput,
  operation: { standard: 'collect_latest' },
}

const produce: StandardTool = {
  name: 'produce',
  summary: 'Writes one message to a topic.',
  description:
    'Answers when all replicas in sync have it. The same call may be repeated by the hub without writing twice, and is not repeated where that is not sure.',
  effect: 'write',
  input: objectOf(
    {
      topic: topicName,
      value: { description: 'Any JSON; a text for format text, base64 for format base64; null is a tombstone.' },
      key: { type: ['string', 'null'], maxLength: 1_048_576, description: 'Messages of one key keep their order and share a partition.' },
      headers: {
        type: 'object',
        maxProperties: 50,
        additionalProperties: { anyOf: [{ type: 'string' }, objectOf({ base64: { type: 'string' } }, ['base64'])] },
        description: 'Headers by name; bytes as {"base64": "…"}.',
      },
      partition: partitionNumber,
      format: { enum: [...writtenFormats], default: 'json', description: 'How the value is written. registry: as the latest schema of the subject says.' },
      subject: { type: 'string', minLength: 1, maxLength: 300, description: 'The subject of the schema registry; absent: the topic’s name and "-value".' },
    },
    ['topic', 'value'],
  ),
  output: writtenOutput,
  operation: { standard: 'produce' },
  optIn: 'produce',
}

/** Tools every connector of this kind has without writing them. */
export const standardTools: readonly StandardTool[] = [
  listTopics,
  describeTopic,
  describeConfigs,
  listGroups,
  describeGroup,
  consumerLag,
  readMessages,
  collectLatest,
  produce,
  ...manageTools,
]

/** What a standard operation does to the world. */
export const effectOfStandard = (standard: Standard): Effect | undefined =>
  standardTools.find(({ operation }) => (operation as { readonly standard?: string }).standard === standard)?.effect
