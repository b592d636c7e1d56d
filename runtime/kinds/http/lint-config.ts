import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import { headerNameFault } from './header.ts'
import { lintStream } from './streams/lint.ts'

type Path = readonly string[]

const ways = ['header', 'query', 'basic', 'bearer', 'oauth2'] as const
const needed: Readonly<Record<string, readonly string[]>> = { header: ['value'], query: ['value'], basic: ['user'], oauth2: ['clientId', 'clientSecret'] }

/** What is wrong with `config:` as it is written: addresses, header names, and who the hub says it is. */
export function lintConfig(config: JsonObject): readonly Finding[] {
  const { base, headers, auth, health, streams, streamLatest } = config
  return [
    ...(typeof base === 'string' ? addressFaults(base, ['base'], 'base') : []),
    ...(isObject(headers) ? Object.keys(headers).flatMap((name) => nameFaults(name, ['headers', name])) : []),
    ...(isObject(auth) ? authFaults(auth) : []),
    ...(typeof health === 'string' ? healthFaults(health) : []),
    ...Object.entries(isObject(streams) ? streams : {}).flatMap(([name, stream]) =>
      isObject(stream) ? lintStream(stream, ['streams', name], authFaults) : [],
    ),
    ...(streamLatest === true && !isObject(streams) ? [noStreams] : []),
  ]
}

const noStreams: Finding = {
  code: 'HUB_CONFIG_VALUE',
  message: 'streamLatest has no streams to look at',
  hint: 'declare streams, or remove it',
  path: ['streamLatest'],
}

function addressFaults(text: string, path: Path, what: string): readonly Finding[] {
  // A variable without a value: the connector is off, and that is told already.
  if (text.includes('${')) return []
  const value = (message: string, hint: string): readonly Finding[] => [{ code: 'HUB_CONFIG_VALUE', message, hint, path }]
  if (!URL.canParse(text)) return value(`${what} is not an address`, 'write one like https://api.example.com/v1')
  const { protocol, username, password, search, hash } = new URL(text)
  if (protocol !== 'http:' && protocol !== 'https:') return value(`${what} begins with ${protocol}`, 'write http: or https:')
  if (username !== '' || password !== '') return value(`${what} holds a login`, 'say it under auth, as a secret')
  if (search !== '' || hash !== '') return value(`${what} has a query or a fragment`, 'a query belongs to the request of a tool')
  return []
}

function nameFaults(name: string, path: Path): readonly Finding[] {
  const fault = headerNameFault(name)
  return fault === undefined ? [] : [{ code: 'HUB_CONFIG_VALUE', message: fault, hint: 'choose another', path }]
}

function authFaults(auth: JsonObject): readonly Finding[] {
  const given = ways.filter((way) => auth[way] !== undefined)
  const [way, second] = given
  const path = ['auth']
  if (way === undefined) return [{ code: 'HUB_CONFIG_MISSING_FIELD', message: 'auth does not say how', hint: `add one of ${ways.join(', ')}`, path }]
  if (second !== undefined)
    return [{ code: 'HUB_CONFIG_VALUE', message: `${way} and ${second} both say who the hub is`, hint: 'keep one of them', path: [...path, second] }]
  const chosen = auth[way]
  return isObject(chosen) ? wayFaults(way, chosen, [...path, way]) : []
}

function wayFaults(way: string, chosen: JsonObject, path: Path): readonly Finding[] {
  const missing = (needed[way] ?? []).filter((name) => isNothing(chosen[name]))
  const { name, tokenUrl } = chosen
  return [
    ...missing.map((name): Finding => ({ code: 'HUB_CONFIG_MISSING_FIELD', message: `"${name}" is missing`, hint: `add ${name}: { secret: NAME }`, path })),
    ...(way === 'header' && typeof name === 'string' ? nameFaults(name, [...path, 'name']) : []),
    ...(typeof tokenUrl === 'string' ? tokenUrlFaults(tokenUrl, [...path, 'tokenUrl']) : []),
  ]
}

const isNothing = (value: Json | undefined): boolean => value === undefined || value === null || value === ''

function tokenUrlFaults(text: string, path: Path): readonly Finding[] {
  const faults = addressFaults(text, path, 'tokenUrl')
  if (faults.length > 0 || !text.startsWith('http:') || isLoopback(new URL(text).hostname)) return faults
  return [{ code: 'HUB_CONFIG_VALUE', severity: 'warning', message: 'tokenUrl sends the client’s secret in the clear', hint: 'use https', path }]
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.')

function healthFaults(health: string): readonly Finding[] {
  if (health === 'calls' || /^\/(?!\/)[^\s#]*$/.test(health)) return []
  return [{ code: 'HUB_CONFIG_VALUE', message: `"${health}" is not a path`, hint: 'write a path such as /ping, or calls', path: ['health'] }]
}
