import { durationMs } from '../../../contract/duration.ts'
import { isObject, type Json, type JsonObject } from '../../../contract/json.ts'
import type { Finding } from '../../../contract/place.ts'
import { headerNameFault } from '../header.ts'
import { lint as lintTool } from '../lint.ts'
import { holesIn, piecesOf } from '../template.ts'
import { backfillHoles, messageHoles, streamDefaults, streamName } from './config.ts'
import { holesOf } from './templates.ts'

type Path = readonly (string | number)[]

const value = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_VALUE', message, hint, path })
const placeholder = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_PLACEHOLDER', message, hint, path })

/** What can be known of a stream without a connection. `lintAuth` looks at its `auth:`. */
export function lintStream(stream: JsonObject, path: Path, lintAuth: (auth: JsonObject) => readonly Finding[]): readonly Finding[] {
  const { url, secrets, auth, headers } = stream
  const names = isObject(secrets) ? Object.keys(secrets) : []
  return [
    ...streamNameFaults(path),
    ...names
      .filter((name) => messageHoles.includes(name))
      .map((name) => value(`{${name}} is filled by the hub`, 'choose another name for this secret', [...path, 'secrets', name])),
    ...(typeof url === 'string' ? urlFaults(url, names, [...path, 'url']) : []),
    ...messageFaults(stream, names, path),
    ...subscriptionFaults(stream, path),
    ...unusedSecrets(stream, names, path),
    ...(isObject(headers) ? Object.keys(headers).flatMap((name) => nameFaults(name, [...path, 'headers', name])) : []),
    ...(isObject(auth) ? lintAuth(auth).map((finding) => ({ ...finding, path: [...path, ...finding.path] })) : []),
    ...durationFaults(stream, path),
    ...denialFaults(stream, path),
    ...backfillFaults(stream, path),
  ]
}

function streamNameFaults(path: Path): readonly Finding[] {
  const name = String(path.at(-1))
  if (streamName.test(name)) return []
  return [
    { code: 'HUB_CONFIG_NAME', message: `"${name}" cannot be the name of a stream`, hint: 'begin with a letter; at most 40 letters, digits, _ and -', path },
  ]
}

function nameFaults(name: string, path: Path): readonly Finding[] {
  const fault = headerNameFault(name)
  return fault === undefined ? [] : [value(fault, 'choose another', path)]
}

function urlFaults(url: string, secrets: readonly string[], path: Path): readonly Finding[] {
  // A variable without a value: the connector is off, and that is told already.
  if (url.includes('${')) return []
  const unknown = holesIn(piecesOf(url)).filter(({ name }) => !secrets.includes(name))
  if (unknown.length > 0)
    return unknown.map(({ name, offset, length }) => ({
      ...placeholder(`{${name}} has no secret of that name`, `add ${name} to the secrets of this stream`, path),
      within: { offset, length },
    }))
  const plain = url.replaceAll(/\{[^}]*\}/g, 'x')
  if (!URL.canParse(plain)) return [value('url is not an address', 'write one like wss://stream.example.com/v1', path)]
  const { protocol, username, password, hash, hostname } = new URL(plain)
  if (protocol !== 'wss:' && protocol !== 'ws:') return [value(`url begins with ${protocol}`, 'write wss: or ws:', path)]
  if (username !== '' || password !== '') return [value('url holds a login', 'say it under auth, or as a secret', path)]
  if (hash !== '') return [value('url has a fragment', 'take it out', path)]
  if (/\{/.test(url.replace(/^[^?]*\/\/[^/?]*/, '')) || !/\{/.test(url))
    return protocol === 'ws:' && url.includes('{') && !isLoopback(hostname) ? [clear(path)] : []
  return [placeholder('a secret stands in the host of url', 'it may stand in the path or the query', path)]
}

const clear = (path: Path): Finding => ({ ...value('url sends a secret in the clear', 'use wss', path), severity: 'warning' })

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.')

/** Messages, and which holes the hub fills in each. */
function messagesOf({
  login,
  subscribe,
  unsubscribe,
  heartbeat,
}: JsonObject): readonly { readonly message: Json; readonly place: readonly string[]; readonly own: readonly string[] }[] {
  return [
    { message: (isObject(login) ? login['send'] : null) ?? null, place: ['login', 'send'], own: [] },
    { message: subscribe ?? null, place: ['subscribe'], own: messageHoles },
    { message: unsubscribe ?? null, place: ['unsubscribe'], own: messageHoles },
    { message: (isObject(heartbeat) ? heartbeat['send'] : null) ?? null, place: ['heartbeat', 'send'], own: [] },
  ]
}

function messageFaults(stream: JsonObject, secrets: readonly string[], path: Path): readonly Finding[] {
  return messagesOf(stream).flatMap(({ message, place, own }) =>
    [...new Set(holesOf(message))]
      .filter((name) => !own.includes(name) && !secrets.includes(name))
      .map((name) =>
        placeholder(
          `{${name}} has nothing to fill it`,
          `${own.length > 0 ? `there are ${own.map((one) => `{${one}}`).join(', ')}, and ` : ''}secrets of this stream fill the holes of their names`,
          [...path, ...place],
        ),
      ),
  )
}

function subscriptionFaults({ subscribe, unsubscribe, accepted, refused }: JsonObject, path: Path): readonly Finding[] {
  const holes = holesOf(subscribe ?? null)
  const both = holes.includes('keys') && holes.includes('key')
  const without =
    subscribe === undefined ? ['unsubscribe', 'accepted', 'refused'].filter((word) => ({ unsubscribe, accepted, refused })[word] !== undefined) : []
  const loose =
    unsubscribe !== undefined && !holesOf(unsubscribe).some((name) => name === 'keys' || name === 'key') && (holes.includes('keys') || holes.includes('key'))
  return [
    ...(both
      ? [placeholder('{keys} and {key} are both in this message', 'keep {keys} for one message about all, or {key} for one about each', [...path, 'subscribe'])]
      : []),
    ...without.map((word) => value(`${word} has no meaning without subscribe`, 'add subscribe, or remove it', [...path, word])),
    ...(loose ? [placeholder('unsubscribe does not say which keys', 'put {keys} or {key} into it', [...path, 'unsubscribe'])] : []),
  ]
}

function unusedSecrets(stream: JsonObject, names: readonly string[], path: Path): readonly Finding[] {
  const used = new Set([...holesOf(stream['url'] ?? null), ...messagesOf(stream).flatMap(({ message }) => holesOf(message))])
  return names
    .filter((name) => !used.has(name))
    .map((name) => placeholder(`no {${name}} uses this secret`, `put {${name}} into url, login or a message, or remove it`, [...path, 'secrets', name]))
}

function durationFaults({ heartbeat, reconnect }: JsonObject, path: Path): readonly Finding[] {
  const ms = (part: Json | undefined, word: string, byDefault: string): number => {
    const text = isObject(part) ? part[word] : undefined
    return durationMs(typeof text === 'string' ? text : byDefault)
  }
  return [
    ...(ms(heartbeat, 'silence', streamDefaults.silence) <= ms(heartbeat, 'every', streamDefaults.every)
      ? [value('silence is no longer than every', 'an answer needs time to come: make silence two or three times as long', [...path, 'heartbeat'])]
      : []),
    ...(ms(reconnect, 'most', streamDefaults.most) < ms(reconnect, 'first', streamDefaults.first)
      ? [value('most is shorter than first', 'make it the longest pause', [...path, 'reconnect'])]
      : []),
  ]
}

function denialFaults({ denied }: JsonObject, path: Path): readonly Finding[] {
  if (!isObject(denied) || denied['pointer'] !== undefined) return []
  return ['equals', 'message']
    .filter((word) => denied[word] !== undefined)
    .map((word) => value(`${word} has no meaning without pointer`, 'add pointer', [...path, 'denied', word]))
}

function backfillFaults({ backfill, time }: JsonObject, path: Path): readonly Finding[] {
  if (!isObject(backfill)) return []
  const place = [...path, 'backfill']
  const { unit: _unit, as: _as, time: _time, pageRows: _pageRows, ...operation } = backfill
  const properties = Object.fromEntries(backfillHoles.map((name) => [name, { default: '' }]))
  const isPost = typeof operation['request'] === 'string' && operation['request'].startsWith('POST ')
  const found = lintTool({
    name: 'backfill',
    summary: '',
    effect: 'read',
    input: { type: 'object', properties },
    operation: { ...operation, ...(isPost && { safe: true }) },
  })
  const used = new Set(holesOf(Object.values(operation)))
  return [
    ...(time === undefined ? [value('backfill needs the times of rows', 'add time', place)] : []),
    ...(used.has('key') ? [] : [placeholder('no {key} in the request', 'put {key} into it', [...place, 'request'])]),
    ...(used.has('since') || used.has('minutes')
      ? []
      : [placeholder('neither {since} nor {minutes} in the request', 'say where the gap begins', [...place, 'request'])]),
    ...found.flatMap((finding) => inBackfill(finding, place)),
  ]
}

/** What is wrong with a request, in the words of a backfill: it has no tool around it. */
function inBackfill(finding: Finding, place: Path): readonly Finding[] {
  const [first, ...rest] = finding.path
  // Which of the holes a request has is its own affair.
  if (first === 'input') return []
  const path = [...place, ...rest]
  if (finding.message.includes('under effect'))
    return [{ ...finding, path, message: 'a backfill only reads', hint: 'write GET, or POST where it changes nothing' }]
  if (finding.message.includes('has no input'))
    return [
      {
        ...finding,
        path,
        message: finding.message.replace('has no input', 'has nothing to fill it'),
        hint: `there are ${backfillHoles.map((name) => `{${name}}`).join(', ')}`,
      },
    ]
  return [{ ...finding, path }]
}
