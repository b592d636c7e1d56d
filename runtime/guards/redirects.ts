import { HubError } from '../contract/errors.ts'

/** How many redirects one request follows. */
export const hopsAtMost = 5

// Everything else may be a credential under a name nobody can guess.
const headersAcrossOrigins = new Set(['accept', 'accept-encoding', 'accept-language', 'content-language', 'content-type', 'user-agent'])
const bodyHeaders = new Set(['content-encoding', 'content-language', 'content-length', 'content-location', 'content-type'])

/** Where a redirect leads, and what of the request goes there. */
export interface Hop {
  readonly url: URL
  readonly method: string
  readonly isSameOrigin: boolean
  readonly keepsBody: boolean
  /** Whether a header of the request goes along; its name in small letters. */
  keeps(header: string): boolean
}

/** True for a status that says the answer is elsewhere. */
export const isRedirect = (status: number): boolean => status === 301 || status === 302 || status === 303 || status === 307 || status === 308

/** The next hop as the fetch standard has it: 303, and 301 and 302 of a POST, become GET; nothing that may be a credential crosses origins. Throws HUB_EGRESS_DENIED for what no request can go to. */
export function nextHop(from: URL, method: string, status: number, location: string): Hop {
  const url = URL.canParse(location, from.href) ? new URL(location, from.href) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new HubError('HUB_EGRESS_DENIED', `${from.origin} redirects to something that is no http or https address`, { host: from.hostname })
  const isSameOrigin = url.origin === from.origin
  const keepsBody = !(status === 303 && method !== 'HEAD') && !(status < 303 && method === 'POST')
  return {
    url,
    method: keepsBody ? method : 'GET',
    isSameOrigin,
    keepsBody,
    keeps: (header) => (isSameOrigin || headersAcrossOrigins.has(header)) && (keepsBody || !bodyHeaders.has(header)),
  }
}

/** The refusal of a redirect too many. */
export const tooManyHops = ({ origin, hostname }: URL): HubError =>
  new HubError('HUB_EGRESS_DENIED', `${origin} redirects more than ${hopsAtMost} times`, { host: hostname })
