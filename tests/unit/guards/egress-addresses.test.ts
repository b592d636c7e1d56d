import { describe, expect, test } from 'vitest'
import { isAddressAllowed, parseAllowance } from '../../../runtime/guards/egress-addresses.ts'
import { allowanceFault } from '../../../runtime/manifest/allowance.ts'

const nothing = parseAllowance([])

describe('without an allowance', () => {
  test.each([
    ['8.8.8.8', 'a public address'],
    ['2606:4700::1111', 'a public IPv6 address'],
    ['64:ff9b::808:808', 'a public address behind NAT64'],
    ['2002:808:808::1', 'a public address behind 6to4'],
    ['::ffff:8.8.8.8', 'a public address mapped into IPv6'],
  ])('%s may be reached: %s', (address) => expect(isAddressAllowed(address, nothing)).toBe(true))

  test.each([
    ['127.0.0.1', 'loopback'],
    ['0.0.0.0', 'this host'],
    ['10.1.2.3', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['169.254.169.254', 'metadata of most clouds'],
    ['168.63.129.16', 'metadata of Azure'],
    ['100.100.100.200', 'carrier-grade NAT, metadata of Alibaba'],
    ['192.0.0.8', 'reserved'],
    ['198.18.0.1', 'benchmarking'],
    ['224.0.0.1', 'multicast'],
    ['240.0.0.1', 'reserved'],
    ['255.255.255.255', 'broadcast'],
    ['::', 'this host'],
    ['::1', 'loopback'],
    ['::7f00:1', 'loopback written the deprecated way'],
    ['::ffff:127.0.0.1', 'loopback mapped into IPv6'],
    ['::ffff:7f00:1', 'the same in hexadecimal'],
    ['64:ff9b::7f00:1', 'loopback behind NAT64'],
    ['64:ff9b::a9fe:a9fe', 'metadata behind NAT64'],
    ['64:ff9b:1::808:808', 'a local NAT64 prefix'],
    ['2002:7f00:1::1', 'loopback behind 6to4'],
    ['2001:0:1::1', 'Teredo'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with a zone'],
    ['fc00::1', 'unique local'],
    ['fd00:ec2::254', 'metadata of AWS'],
    ['fec0::1', 'site-local'],
    ['ff02::1', 'multicast'],
    ['2001:db8::1', 'documentation'],
    ['100::1', 'discard'],
    ['4000::1', 'outside global unicast'],
    ['not an address', 'no address at all'],
  ])('%s is refused: %s', (address) => expect(isAddressAllowed(address, nothing)).toBe(false))
})

test('a range, a single address and an IPv6 address of the allowance may be reached, their neighbours not', () => {
  const allowance = parseAllowance(['127.0.0.0/8', '10.0.0.7', ' [FD00::1] ', 'Intranet.example.'])
  expect(['127.9.9.9', '10.0.0.7', 'fd00::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'].map((address) => isAddressAllowed(address, allowance))).toEqual([
    true,
    true,
    true,
    true,
    true,
  ])
  expect(['10.0.0.8', 'fd00::2', '::1'].map((address) => isAddressAllowed(address, allowance))).toEqual([false, false, false])
  expect([...allowance.hosts]).toEqual(['intranet.example'])
})

test('what the configuration lets pass is allowed here', () => {
  const taken = [
    '10.20.0.0/16',
    '10.20.0.7',
    '0.0.0.0/0',
    'fd00::/8',
    '[fd00::1]',
    '::1',
    'mcp.internal',
    'MCP.Internal.',
    'db_1',
    'localhost',
    '3com.example',
    'xn--bcher-kva.example',
  ]
  expect(taken.filter((entry) => allowanceFault(entry) !== undefined)).toEqual([])
  const { ranges, hosts } = parseAllowance(taken)
  expect(ranges).toHaveLength(6)
  expect([...hosts]).toEqual(['mcp.internal', 'db_1', 'localhost', '3com.example', 'xn--bcher-kva.example'])
})

test('a range that is none is refused with a way on', () => {
  expect(() => parseAllowance(['10.0.0.0/64'])).toThrow('"10.0.0.0/64" is not a CIDR range; write one like 10.0.0.0/8 or a host name')
})
