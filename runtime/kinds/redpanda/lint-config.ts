import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import { addressesOf, addressFault } from './config.ts'

type Path = readonly (string | number)[]

// A variable without a value: the connector is off, and that is told already.
const isOpen = (value: Json | undefined): boolean => typeof value === 'string' && value.includes('${')

/** What is wrong with `config:` as it is written: addresses, and who the hub says it is. */
export function lintConfig(config: JsonObject): readonly Finding[] {
  const { brokers, sasl, tls, registry } = config
  return [
    ...(Array.isArray(brokers) ? brokers.flatMap((broker: Json, index) => brokerFaults(broker, ['brokers', index])) : []),
    ...(isObject(sasl) ? saslFaults(sasl, tls) : []),
    ...(isObject(tls) ? tlsFaults(tls) : []),
    ...(isObject(registry) ? registryFaults(registry) : []),
  ]
}

const value = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_VALUE', message, hint, path })

function brokerFaults(broker: Json, path: Path): readonly Finding[] {
  if (typeof broker !== 'string' || isOpen(broker)) return []
  return addressesOf([broker]).flatMap((address) => {
    const fault = addressFault(address)
    return fault === undefined ? [] : [value(`"${address.slice(0, 80)}" is not the address of a broker`, fault, path)]
  })
}

function saslFaults(sasl: JsonObject, tls: Json | undefined): readonly Finding[] {
  const { mechanism, username, password } = sasl
  if (typeof mechanism !== 'string' || mechanism === 'none' || isOpen(mechanism)) return []
  const missing = Object.entries({ username, password }).filter(([, given]) => given === undefined)
  const findings: Finding[] = missing.map(([name]) => ({
    code: 'HUB_CONFIG_MISSING_FIELD',
    message: `sasl of mechanism ${mechanism} has no ${name}`,
    hint: `add ${name}`,
    path: ['sasl'],
  }))
  const isPlainText = mechanism === 'plain' && (!isObject(tls) || tls['enabled'] === false)
  return isPlainText
    ? [...findings, { ...value('plain sends the password in the clear', 'add tls, or use scram-sha-512', ['sasl', 'mechanism']), severity: 'warning' }]
    : findings
}

function tlsFaults(tls: JsonObject): readonly Finding[] {
  const [has, lacks] = tls['certificate'] === undefined ? ['key', 'certificate'] : ['certificate', 'key']
  if (tls[has as string] === undefined || tls[lacks as string] !== undefined) return []
  return [{ code: 'HUB_CONFIG_MISSING_FIELD', message: `tls has a ${has} and no ${lacks}`, hint: `add ${lacks}`, path: ['tls'] }]
}

function registryFaults({ url }: JsonObject): readonly Finding[] {
  if (typeof url !== 'string' || isOpen(url) || url === '') return []
  const path = ['registry', 'url']
  if (!URL.canParse(url)) return [value('the registry’s url is not an address', 'write one like http://redpanda:8081', path)]
  const { protocol, username, password } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') return [value(`the registry’s url begins with ${protocol}`, 'write http: or https:', path)]
  return username === '' && password === '' ? [] : [value('the registry’s url holds a login', 'say it as username and password', path)]
}
