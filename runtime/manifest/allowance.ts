import { isIP, isIPv4 } from 'node:net'
import { domainToASCII } from 'node:url'

const label = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?'
const hostName = new RegExp(`^(?:${label}\\.)*${label}$`)
// A name does not end in a number: that is an address, written short.
const endsInNumber = /(?:^|\.)(?:\d+|0x[\da-f]*)$/

const isHostName = (text: string): boolean => hostName.test(text) && !endsInNumber.test(text)

function isRange(text: string): boolean {
  const [, address = '', bits] = /^([\da-f.:]+)\/(\d{1,3})$/.exec(text) ?? []
  return isIP(address) > 0 && Number(bits) <= (isIPv4(address) ? 32 : 128)
}

/** Why an entry of `egress.allow` would allow nothing, and what to write in its place; undefined for a CIDR range, an address or a host name. */
export function allowanceFault(entry: string): { readonly message: string; readonly hint: string } | undefined {
  const text = entry
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
  if (isRange(text) || isIP(text) > 0 || isHostName(text)) return undefined
  return { message: `"${entry}" is not a CIDR range, an address or a host name`, hint: insteadOf(text) }
}

function insteadOf(text: string): string {
  if (text.includes('*')) return 'there is no wildcard: name each host (mcp.internal), or the range of their addresses (10.20.0.0/16)'
  const [, scheme, host = '', port, path] = /^([a-z][a-z\d+.-]*:\/\/)?([^/:@\s]+)(:\d+)?(\/.*)?$/.exec(text) ?? []
  const isWhole = scheme === undefined && port === undefined && path === undefined
  if (!isWhole && (isHostName(host) || (isIPv4(host) && (scheme ?? port) !== undefined))) return `write the host alone: ${host}`
  const ascii = domainToASCII(text)
  if (ascii !== text && isHostName(ascii)) return `write it as it is looked up: ${ascii}`
  return 'write a range as 10.20.0.0/16, an address as 10.20.0.7, a host name as mcp.internal'
}
