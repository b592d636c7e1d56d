const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

// What the connection is made of is for the hub to say.
const ours = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Why a header of this name cannot be sent; undefined when it can. */
export function headerNameFault(name: string): string | undefined {
  if (!token.test(name)) return `"${name}" is not the name of a header`
  return ours.has(name.toLowerCase()) ? `the header ${name} is for the hub to set` : undefined
}

/** True for a text that fits into a header: no line break, no control character, nothing beyond Latin-1. */
export const isHeaderValue = (text: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(text)
