import { HubError } from '../../contract/errors.ts'

const retryAfterMs = 1_000
const loginRetryAfterMs = 30_000

/** What kafkajs throws, as far as it is told apart. */
interface KafkaError extends Error {
  readonly type?: string
  readonly code?: unknown
  readonly cause?: unknown
  readonly retriable?: boolean
}

/** The protocol’s own word for what went wrong, wherever kafkajs wrapped it; undefined for anything that is no answer of a broker’s. */
export function typeOf(error: unknown): string | undefined {
  const { type, cause, errors } = (error ?? {}) as { type?: unknown; cause?: unknown; errors?: readonly unknown[] }
  if (typeof type === 'string') return type
  if (errors?.[0] !== undefined) return typeOf(errors[0])
  return cause === undefined || cause === error ? undefined : typeOf(cause)
}

const connectionNames = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSGroupCoordinatorNotFound',
])

/** True when the connection is of no more use: nothing is known of what was asked. */
export function isLost(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as KafkaError
  if (name === 'KafkaJSNumberOfRetriesExceeded' || name === 'KafkaJSNonRetriableError') return cause !== undefined && cause !== error && isLost(cause)
  return connectionNames.has(name)
}

// The cluster is moving: leaders change, coordinators load. Asking again after a look at where things are now helps.
const moving = new Set([
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'REPLICA_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'NOT_CONTROLLER',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'KAFKA_STORAGE_ERROR',
  'OFFSET_NOT_AVAILABLE',
  'REQUEST_TIMED_OUT',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
])

/** True when the same request will do after a moment. */
export const isMoving = (error: unknown): boolean => moving.has(typeOf(error) ?? '')

/** True when the brokers refused who the hub says it is. */
export function isLogin(error: unknown): boolean {
  const { name, cause } = (error ?? {}) as KafkaError
  if (name === 'KafkaJSSASLAuthenticationError' || name === 'KafkaJSUnsupportedSASLMechanism') return true
  const type = typeOf(error)
  if (type === 'SASL_AUTHENTICATION_FAILED' || type === 'UNSUPPORTED_SASL_MECHANISM' || type === 'ILLEGAL_SASL_STATE') return true
  return cause !== undefined && cause !== error && isLogin(cause)
}

/** Nothing of the cluster answers, in words for a model; addresses stay out of it. */
export function down(reason: string): HubError {
  return new HubError('HUB_CONNECTOR_DOWN', `the brokers do not answer (${reason})`, { retryAfterMs })
}

/** What a request to the brokers ended with, in words for a model. */
export function failureOf(error: unknown): HubError {
  if (error instanceof HubError) return error
  if (isLogin(error))
    return new HubError('HUB_CONNECTOR_DOWN', 'the brokers refuse the hub’s login; its operator checks sasl in the manifest', {
      retryAfterMs: loginRetryAfterMs,
    })
  if (isLost(error)) return down(reasonOf(error))
  const type = typeOf(error)
  if (type === undefined) return new HubError('HUB_UPSTREAM_FAILED', `the brokers’ answer cannot be used (${(error as Error).name})`, {}, error)
  if (isMoving(error)) return down(type)
  if (type.endsWith('AUTHORIZATION_FAILED')) {
    return new HubError('HUB_DENIED', `the brokers do not let the hub’s user do this (${type}); its operator grants that on the cluster`, { kafka: type })
  }
  return refused(error as Error, type)
}

// Words of the brokers’ own for what they refuse; the protocol’s text where there are no better ones.
const words: Readonly<Record<string, string>> = {
  POLICY_VIOLATION: 'a policy of the cluster refuses this',
  CLUSTER_AUTHORIZATION_FAILED: 'the hub’s user may not do this on the cluster',
  INVALID_PARTITIONS: 'the number of partitions is not one the cluster takes',
  INVALID_REPLICATION_FACTOR: 'there are fewer brokers than copies asked for',
  INVALID_CONFIG: 'a setting has a name or a value the cluster does not take',
  TOPIC_DELETION_DISABLED: 'the cluster does not let topics be deleted (delete.topic.enable)',
  UNSUPPORTED_VERSION: 'this cluster is too old or too new for that',
}

function refused(error: Error, type: string): HubError {
  const { errors } = error as { errors?: readonly Error[] }
  const said = words[type] ?? (errors?.[0] ?? error).message
  return new HubError('HUB_QUERY_FAILED', `the brokers refuse this: ${said} (${type})`, { kafka: type })
}

// kafkajs’s own messages name host and port; only a code, or words known to name nothing, are passed on.
function reasonOf(error: unknown): string {
  const { code, message, cause, name } = error as KafkaError
  if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code)) return code
  if (name === 'KafkaJSRequestTimeoutError') return 'no answer in time'
  if (/timeout|timed out/i.test(message)) return 'no connection in time'
  if (/clos/i.test(message)) return 'connection lost'
  return cause !== undefined && cause !== error ? reasonOf(cause) : 'no connection'
}

/** Why a call that its caller gave up has no answer. */
export function abandoned(signal: AbortSignal, deadline: number): HubError {
  if (signal.reason instanceof HubError) return signal.reason
  return Date.now() >= deadline ? new HubError('HUB_TIMEOUT', 'the call passed its deadline') : new HubError('HUB_CANCELLED', 'the call was cancelled')
}
