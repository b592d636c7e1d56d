import ipaddr from 'ipaddr.js'

type Address = ReturnType<typeof ipaddr.parse>

/** What an operator allows beyond the public internet. */
export interface EgressAllowance {
  readonly ranges: readonly (readonly [Address, number])[]
  readonly hosts: ReadonlySet<string>
}

// Azure answers instance metadata and credentials on this public-looking address.
const metadata = new Set(['168.63.129.16'])
const globalUnicast = ipaddr.parseCIDR('2000::/3')

/** Reads `egress.allow`: CIDR ranges, single addresses and host names. Throws RangeError for a range that is none. */
export function parseAllowance(allow: readonly string[]): EgressAllowance {
  const ranges: (readonly [Address, number])[] = []
  const hosts = new Set<string>()
  for (const entry of allow) {
    const text = bareHost(entry.trim().toLowerCase())
    if (text.includes('/')) ranges.push(parseRange(text))
    else if (ipaddr.isValid(text)) ranges.push([ipaddr.process(text), ipaddr.process(text).kind() === 'ipv4' ? 32 : 128])
    else hosts.add(text)
  }
  return { ranges, hosts }
}

function parseRange(text: string): readonly [Address, number] {
  if (!ipaddr.isValidCIDR(text)) throw new RangeError(`egress.allow: "${text}" is not a CIDR range; write one like 10.0.0.0/8 or a host name`)
  return ipaddr.parseCIDR(text)
}

/** A host name without the brackets of an IPv6 literal and without the root's dot. */
export const bareHost = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

/** True for an address of the public internet, or one inside an allowed range. Anything that is not an address is refused. */
export function isAddressAllowed(text: string, allowance: EgressAllowance): boolean {
  // A zone (`fe80::1%eth0`) makes no address public.
  const bare = text.split('%', 1)[0] as string
  if (!ipaddr.isValid(bare)) return false
  const address = ipaddr.process(bare)
  const inner = embedded(address)
  if (isPublic(inner ?? address)) return true
  return isInside(address, allowance) || (inner !== undefined && isInside(inner, allowance))
}

const isInside = (address: Address, allowance: EgressAllowance): boolean =>
  allowance.ranges.some(([range, bits]) => range.kind() === address.kind() && address.match(range, bits))

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false
  if (address.kind() === 'ipv6') return address.match(globalUnicast)
  return !metadata.has(address.toString())
}

/** The IPv4 address that NAT64, 6to4 or an IPv4-compatible address leads to. */
function embedded(address: Address): Address | undefined {
  if (address.kind() === 'ipv4') return undefined
  const bytes = address.toByteArray()
  if (address.match(ipaddr.parseCIDR('64:ff9b::/96')) || bytes.slice(0, 12).every((byte) => byte === 0)) return ipaddr.fromByteArray(bytes.slice(12))
  if (address.match(ipaddr.parseCIDR('2002::/16'))) return ipaddr.fromByteArray(bytes.slice(2, 6))
  return undefined
}
