import { durationMs } from '../../contract/duration.ts'
import type { JsonObject } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import { largestValue, sizeBytes } from './config.ts'
import { longestMs } from './lifetime.ts'

const glob = /^[A-Za-z0-9*][A-Za-z0-9._*-]{0,63}$/

const wrong = (message: string, hint: string, path: readonly (string | number)[]): Finding => ({ code: 'HUB_CONFIG_VALUE', message, hint, path })

/** What of the config no schema can say. */
export function lintConfig(config: JsonObject): readonly Finding[] {
  return [...urlFaults(config), ...sharedFaults(config), ...sizeFaults(config), ...durationFaults(config)]
}

function urlFaults({ url }: JsonObject): readonly Finding[] {
  // One that stands in a secret, or begins with a setting, is known when the connector opens.
  if (typeof url !== 'string' || !/^[a-z0-9+]+:/i.test(url) || /^(rediss?|postgres(ql)?):\/\//.test(url)) return []
  return [
    wrong('the url is of no store this kind knows', 'begin it with redis://, rediss:// or postgres://, or leave it out to keep memory in this process', [
      'url',
    ]),
  ]
}

function sharedFaults({ shared }: JsonObject): readonly Finding[] {
  if (!Array.isArray(shared)) return []
  return shared.flatMap((name: unknown, index) => {
    if (typeof name !== 'string' || glob.test(name)) return []
    const hint = name.startsWith('shared/')
      ? `write "${name.slice('shared/'.length)}": shared/ is said by tools only`
      : 'use letters, digits, dots, hyphens, underscores and *'
    return [wrong(`"${name}" is no namespace`, hint, ['shared', index])]
  })
}

function sizeFaults(config: JsonObject): readonly Finding[] {
  const bytes = (name: string): number | undefined => (typeof config[name] === 'string' ? sizeBytes(config[name]) : undefined)
  const value = bytes('maxValue')
  const faults: Finding[] = []
  if (value !== undefined && value > largestValue)
    faults.push(wrong('maxValue is over 1mb', 'keep large things in files or a database, and their address here', ['maxValue']))
  for (const name of ['maxValue', 'maxBytes', 'maxBacklog']) if (bytes(name) === 0) faults.push(wrong(`${name} is nothing`, 'give it some room', [name]))
  for (const name of ['maxBytes', 'maxBacklog']) {
    const room = bytes(name)
    if (room !== undefined && value !== undefined && room > 0 && room < value)
      faults.push(wrong(`${name} is less than one value may have (maxValue)`, 'raise it, or lower maxValue', [name]))
  }
  return faults
}

function durationFaults(config: JsonObject): readonly Finding[] {
  return ['stateTtl', 'signalTtl', 'historyRetention'].flatMap((name) => {
    const text = config[name]
    const ms = typeof text === 'string' ? durationMs(text) : Number.NaN
    return ms < 1 || ms > longestMs ? [wrong(`${name} is not between 1ms and 100 years`, 'choose another', [name])] : []
  })
}
