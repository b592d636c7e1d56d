import pg from 'pg'
import { HubError } from '../../contract/errors.ts'
import type { Secret } from '../../contract/secret.ts'

// What the hub decides for its sessions is not for a connection string to decide.
const ours = ['options', 'statement_timeout', 'query_timeout', 'idle_in_transaction_session_timeout', 'replication']

/** A connection string as pg takes it, and the options it asked for. */
export interface Address {
  readonly connectionString: string
  readonly options?: string
  readonly password?: string
}

/** Reads a connection string. Throws HUB_CONFIG_VALUE without a word of it: it holds a password. */
export function addressOf(url: Secret): Address {
  const text = url.reveal()
  if (!/^postgres(ql)?:\/\//.test(text)) throw unusable(url, 'it does not begin with postgres://')
  const mark = text.indexOf('?')
  const parameters = new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1))
  const options = parameters.get('options') ?? undefined
  for (const name of ours) parameters.delete(name)
  const rest = parameters.toString()
  const connectionString = (mark < 0 ? text : text.slice(0, mark)) + (rest === '' ? '' : `?${rest}`)
  try {
    const { password } = new pg.Client({ connectionString })
    return { connectionString, ...(options !== undefined && { options }), ...(typeof password === 'string' && { password }) }
  } catch (error) {
    const { code } = error as { code?: string }
    throw unusable(url, code === undefined || code === 'ERR_INVALID_URL' ? 'it is not a URL' : `reading it failed with ${code}`)
  }
}

function unusable(url: Secret, reason: string): HubError {
  return new HubError(
    'HUB_CONFIG_VALUE',
    `the connection string in ${url.reference} cannot be used: ${reason}; it should read postgres://user:password@host:port/database`,
  )
}
