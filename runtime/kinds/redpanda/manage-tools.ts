import type { StandardTool } from '../../contract/tool.ts'
import { groupName, objectOf, rowsOf, topicName } from './tool-schemas.ts'

const createTopic: StandardTool = {
  name: 'create_topic',
  summary: 'Creates a topic.',
  description: 'A topic that is there already is left as it is, and created is false.',
  effect: 'write',
  input: objectOf(
    {
      topic: topicName,
      partitions: {
        type: 'integer',
        minimum: 1,
        maximum: 10_000,
        description: 'How many; absent: the cluster’s default. More can be added later, never fewer.',
      },
      replicas: { type: 'integer', minimum: 1, maximum: 100, description: 'Copies of each; absent: the cluster’s default.' },
      configs: {
        type: 'object',
        maxProperties: 50,
        additionalProperties: { type: ['string', 'integer', 'boolean'] },
        description: 'Settings of the topic.',
        examples: [{ 'retention.ms': 604_800_000, 'cleanup.policy': 'compact' }],
      },
      validateOnly: { type: 'boolean', default: false, description: 'Only ask whether it could be created.' },
    },
    ['topic'],
  ),
  output: {
    type: 'object',
    required: ['topic', 'created'],
    properties: { topic: { type: 'string' }, created: { type: 'boolean' }, partitions: { type: 'integer' } },
  },
  operation: { standard: 'create_topic' },
  optIn: 'manage',
}

const addPartitions: StandardTool = {
  name: 'add_partitions',
  summary: 'Adds partitions to a topic, so that more consumers can share it.',
  description: 'Keys are spread anew: messages of one key may from now on go to another partition than before. Partitions cannot be taken away again.',
  effect: 'write',
  input: {
    ...objectOf(
      {
        topic: topicName,
        add: { type: 'integer', minimum: 1, maximum: 1_000, description: 'How many more.' },
        total: { type: 'integer', minimum: 2, maximum: 10_000, description: 'How many there shall be in all; where they are there already, nothing is done.' },
      },
      ['topic'],
    ),
    oneOf: [{ required: ['add'] }, { required: ['total'] }],
  },
  output: {
    type: 'object',
    required: ['topic', 'before', 'partitions'],
    properties: { topic: { type: 'string' }, before: { type: 'integer' }, partitions: { type: 'integer' } },
  },
  operation: { standard: 'add_partitions' },
  optIn: 'manage',
}

const deleteTopic: StandardTool = {
  name: 'delete_topic',
  summary: 'Deletes a topic with all its messages.',
  description: 'It cannot be had back.',
  effect: 'destroy',
  input: objectOf({ topic: topicName }, ['topic']),
  output: { type: 'object', required: ['topic', 'deleted'], properties: { topic: { type: 'string' }, deleted: { type: 'boolean' } } },
  operation: { standard: 'delete_topic' },
  optIn: 'manage',
}

const resetOffsets: StandardTool = {
  name: 'reset_offsets',
  summary: 'Moves a consumer group to other offsets of a topic: to the earliest, the latest, a time, or exact ones.',
  description:
    'Refused while the group has members: stop its consumers first. What was read is read again, or what was not is skipped. consumer_lag tells where it stands.',
  effect: 'destroy',
  input: {
    ...objectOf(
      {
        group: groupName,
        topic: topicName,
        to: {
          type: 'string',
          minLength: 1,
          maxLength: 40,
          description: 'earliest, latest, a time in ISO 8601, or so long ago.',
          examples: ['earliest', 'latest', '2026-01-31T09:00:00Z', '2h'],
        },
        offsets: {
          type: 'object',
          minProperties: 1,
          maxProperties: 1_000,
          propertyNames: { pattern: '^\\d+$' },
          additionalProperties: { type: 'integer', minimum: 0 },
          description: 'Exact offsets by partition; others stay where they are.',
          examples: [{ '0': 1200 }],
        },
        dryRun: { type: 'boolean', default: false, description: 'Only tell what would change.' },
      },
      ['group', 'topic'],
    ),
    oneOf: [{ required: ['to'] }, { required: ['offsets'] }],
  },
  output: rowsOf(
    { partition: { type: 'integer' }, before: { type: ['integer', 'null'] }, after: { type: 'integer' } },
    { group: { type: 'string' }, topic: { type: 'string' }, applied: { type: 'boolean' } },
  ),
  operation: { standard: 'reset_offsets' },
  optIn: 'manage',
}

/** Standard tools that change topics and groups; `manage: true` switches them on. */
export const manageTools: readonly StandardTool[] = [createTopic, addPartitions, deleteTopic, resetOffsets]
