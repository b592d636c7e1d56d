import { HubError } from '../../contract/errors.ts'
import type { Secret } from '../../contract/secret.ts'

/** Where a server is and who the hub is there. */
export interface Address {
  readonly origin: string
  readonly username: string
  readonly password: string
  readonly database: string
}

/** Reads a URL of ClickHouse. Throws HUB_CONFIG_VALUE without a word of it: it holds a password. */
export function addressOf(url: Secret): Address {
  const text = url.reveal()
  if (!/^https?:\/\//.test(text)) throw unusable(url, 'it does not begin with http:// or https://')
  if (!URL.canParse(text)) throw unusable(url, 'it is not a URL')
  const { origin, username, password, pathname, search } = new URL(text)
  if (search !== '') throw unusable(url, 'it has a query; settings have a field of their own in the connector’s config')
  const [database = '', ...rest] = pathname.slice(1).split('/')
  if (rest.some((part) => part !== '')) throw unusable(url, 'its path is more than the name of a database')
  try {
    return {
      origin,
      username: decodeURIComponent(username) || 'default',
      password: decodeURIComponent(password),
      database: decodeURIComponent(database) || 'default',
    }
  } catch {
    throw unusable(url, 'a % in it is not followed by two digits; write %25')
  }
}

function unusable(url: Secret, reason: string): HubError {
  return new HubError(
    'HUB_CONFIG_VALUE',
    `the URL of ClickHouse in ${url.reference} cannot be used: ${reason}; it should read http://user:password@host:8123/database`,
  )
}
