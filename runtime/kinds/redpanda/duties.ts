import type { Answer } from '../../contract/answer.ts'
import type { Args, Handler, Run } from '../../contract/call.ts'
import { HubError } from '../../contract/errors.ts'
import { isObject, type Json } from '../../contract/json.ts'
import type { ToolSpec } from '../../contract/tool.ts'
import { collectLatest } from './collect.ts'
import { durationMs } from '../../contract/duration.ts'
import { consumerLag, describeGroup, listGroups, resetOffsets } from './groups.ts'
import { createTopic, deleteTopic, describeConfigs, describeTopic, listTopics, partitionsWanted, setPartitions } from './manage.ts'
import type { Hold } from './hold.ts'
import { numberOf } from './numbers.ts'
import type { ReadFormat, StandardOperation, WrittenFormat } from './operation.ts'
import { fromOf, readMessages } from './read.ts'
import { writeMessage } from './write.ts'

/** Binds a tool this kind brings along. */
export function bindStandard(tool: ToolSpec<StandardOperation>, hold: Hold): Handler {
  const { link, topics } = hold
  const { rows } = tool.policy.result
  switch (tool.operation.standard) {
    case 'list_topics':
      return (args, run) => link.use(run, (cluster) => listTopics(cluster, topics, args, rows))
    case 'describe_topic':
      return (args, run) => link.use(run, (cluster) => describeTopic(cluster, topics, args, rows))
    case 'describe_configs':
      return (args, run) => link.use(run, (cluster) => describeConfigs(cluster, topics, args))
    case 'list_groups':
      return (args, run) => link.use(run, (cluster) => listGroups(cluster, args))
    case 'describe_group':
      return (args, run) => link.use(run, (cluster) => describeGroup(cluster, args))
    case 'consumer_lag':
      return (args, run) => link.use(run, (cluster) => consumerLag(cluster, topics, args))
    case 'read_messages':
      return (args, run) => read(args, run, tool, hold)
    case 'collect_latest':
      return (args, run) => collect(args, run, tool, hold)
    case 'produce':
      return (args, run) => produce(args, run, hold)
    case 'create_topic':
      return (args, run) => link.use(run, (cluster) => createTopic(cluster, topics, args))
    case 'add_partitions':
      return async (args, run) => {
        const wanted = await link.use(run, (cluster) => partitionsWanted(cluster, topics, args))
        return link.use(run, (cluster) => setPartitions(cluster, topics, String(args['topic']), wanted))
      }
    case 'delete_topic':
      return async (args, run) => {
        const name = String(args['topic'])
        topics.forget(name)
        await link.use(run, (cluster) => topics.get(cluster, name))
        return link.use(run, (cluster) => deleteTopic(cluster, topics, name))
      }
    case 'reset_offsets':
      return (args, run) => link.use(run, (cluster) => resetOffsets(cluster, topics, args))
  }
}

function read(args: Args, run: Run, tool: ToolSpec, hold: Hold): Promise<Answer> {
  const { topic, limit, partition, from, offsets, key, format } = args
  const request = {
    topic: String(topic),
    limit: numberOf(limit),
    partition: partition === undefined ? undefined : numberOf(partition),
    from: fromOf(from),
    offsets:
      isObject(offsets) && Object.keys(offsets).length > 0
        ? new Map(Object.entries(offsets).map(([name, offset]) => [Number(name), numberOf(offset)]))
        : undefined,
    key: key === undefined ? undefined : String(key),
    format: (format ?? 'auto') as ReadFormat,
  }
  return readMessages(hold, hold.reading, request, tool.policy.result, run)
}

function collect(args: Args, run: Run, tool: ToolSpec, hold: Hold): Promise<Answer> {
  const { topic, by, want, atMost, limit, lookBack, format } = args
  const request = {
    topic: String(topic),
    by: by === undefined ? undefined : String(by),
    want: Array.isArray(want) ? want.map(String) : undefined,
    atMostMs: durationMs(String(atMost ?? '5s')),
    limit: numberOf(limit ?? 500),
    lookBack: numberOf(lookBack ?? 1_000),
    format: (format ?? 'auto') as ReadFormat,
  }
  return collectLatest({ link: hold.link, topics: hold.topics }, hold.tail(), hold.reading, request, tool.policy.result, run)
}

function produce(args: Args, run: Run, hold: Hold): Promise<Answer> {
  const { topic, key, value, headers, partition, format, subject } = args
  if (value === undefined) throw new HubError('HUB_ARGS_INVALID', '/value: is missing')
  return writeMessage(
    hold,
    {
      topic: String(topic),
      key: key === undefined || key === null ? null : String(key),
      value: value as Json,
      headers: isObject(headers) ? headers : {},
      format: (format ?? 'json') as WrittenFormat,
      subject: subject === undefined ? undefined : String(subject),
    },
    { partition: partition === undefined ? undefined : numberOf(partition) },
    run,
  )
}
