import { closest, distance } from 'fastest-levenshtein'
import { isObject, type Json, type JsonObject } from '../../contract/json.ts'
import type { Finding } from '../../contract/place.ts'
import type { Effect } from '../../contract/principal.ts'
import type { ToolDraft } from '../../contract/tool.ts'
import { headerNameFault, isHeaderValue } from './header.ts'
import { inputsOf, type Input } from '../../contract/inputs.ts'
import type { Paginate } from './operation.ts'
import { holesIn, parseRequest, piecesOf, type Hole, type RequestTemplate } from './template.ts'

type Path = readonly (string | number)[]

/** A hole and the text it stands in. */
interface Placed {
  readonly hole: Hole
  readonly path: Path
  readonly isInPath: boolean
}

/** What a request is without a service: it can be read, does no more than its effect says, and its holes and inputs agree. */
export function lint(draft: ToolDraft): readonly Finding[] {
  const { operation } = draft
  if (!isObject(operation)) return []
  if (operation['adHoc'] !== undefined) return lintAdHoc(draft)
  if (isObject(operation['collect'])) return lintCollect(draft, operation, operation['collect'])
  const { request } = operation
  if (typeof request !== 'string') return []
  const { template, faults } = parseRequest(request)
  if (faults.length > 0) return faults.map(({ message, hint, offset, length }) => inRequest(message, hint, offset, length))
  const paginate = operation['paginate'] as Paginate | undefined
  const placed = holesOf(operation, template)
  const inputs = inputsOf(draft.input)
  return [
    ...methodFaults(draft, operation, template.method),
    ...bodyFaults(operation, template.method),
    ...headerFaults(operation),
    ...(paginate ? pageFaults(paginate, placed, draft.effect) : []),
    ...missing(placed, inputs, carriedBy(paginate)),
    ...unused(placed, inputs),
  ]
}

const inRequest = (message: string, hint: string, offset: number, length: number): Finding => ({
  code: 'HUB_CONFIG_OPERATION',
  message,
  hint,
  path: ['operation', 'request'],
  within: { offset, length },
})

const wrong = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_OPERATION', message, hint, path })

function lintAdHoc({ effect }: ToolDraft): readonly Finding[] {
  return effect === 'read' ? [] : [wrong('requests of callers only read', 'say effect: read', ['effect'])]
}

function lintCollect({ effect, input }: ToolDraft, operation: JsonObject, { want }: JsonObject): readonly Finding[] {
  const inputs = inputsOf(input)
  const path = ['operation', 'collect']
  const other = Object.keys(operation).filter((word) => word !== 'collect' && word !== 'whenEmpty')
  const wanted = inputs.get(String(want))
  return [
    ...(effect === 'read' ? [] : [wrong('collecting rows only reads', 'say effect: read', ['effect'])]),
    ...other.map((word) => wrong(`${word} has no meaning beside collect`, 'remove it', ['operation', word])),
    ...(wanted === undefined
      ? [placeholder(`want names "${String(want)}", which is no input`, suggestion(String(want), [...inputs.keys()]), [...path, 'want'])]
      : []),
    ...(wanted?.isSure === false
      ? [placeholder(`the input "${wanted.name}" may be left out`, `put ${wanted.name} among the required ones, or give it a default`, [...path, 'want'])]
      : []),
    ...[...inputs.keys()]
      .filter((name) => name !== want)
      .map((name) => placeholder('collect uses no input but the one want names', 'remove it', ['input', 'properties', name])),
  ]
}

function holesOf(operation: JsonObject, { segments, query }: RequestTemplate): readonly Placed[] {
  const request = ['operation', 'request']
  const { headers, form, body } = operation
  return [
    ...segments.flatMap((pieces) => holesIn(pieces).map((hole) => ({ hole, path: request, isInPath: true }))),
    ...query.flatMap(({ value = [] }) => holesIn(value).map((hole) => ({ hole, path: request, isInPath: false }))),
    ...(['headers', 'form'] as const).flatMap((part) => holesOfBody((part === 'headers' ? headers : form) ?? null, ['operation', part])),
    ...holesOfBody(body ?? null, ['operation', 'body']),
  ]
}

function holesOfBody(value: Json, path: Path): readonly Placed[] {
  if (typeof value === 'string') return holesIn(piecesOf(value)).map((hole) => ({ hole, path, isInPath: false }))
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => holesOfBody(item, [...path, index]))
  return isObject(value) ? Object.entries(value).flatMap(([key, inner]) => holesOfBody(inner, [...path, key])) : []
}

function methodFaults({ effect }: ToolDraft, { safe }: JsonObject, method: string): readonly Finding[] {
  const reads = method === 'GET' || method === 'HEAD'
  if (effect === 'read') {
    if (reads) return safe === undefined ? [] : [wrong(`${method} is safe anyway`, 'remove safe', ['operation', 'safe'])]
    if (method !== 'POST') return [wrong(`${method} under effect: read`, 'say effect: write or destroy', ['operation', 'request'])]
    return safe === true ? [] : [wrong('POST under effect: read', 'say effect: write, or safe: true where this POST changes nothing', ['operation', 'request'])]
  }
  if (safe !== undefined) return [wrong(`safe has no meaning under effect: ${effect}`, 'remove it, or say effect: read', ['operation', 'safe'])]
  if (method !== 'DELETE' || effect === 'destroy') return []
  return [{ ...wrong('DELETE under effect: write', 'say effect: destroy, so that only operators may call it', ['operation', 'request']), severity: 'warning' }]
}

function bodyFaults({ body, form }: JsonObject, method: string): readonly Finding[] {
  if (body !== undefined && form !== undefined) return [wrong('body and form are both there', 'keep one of them', ['operation', 'form'])]
  const part = body === undefined ? 'form' : 'body'
  if ((body ?? form) === undefined || (method !== 'GET' && method !== 'HEAD')) return []
  return [wrong(`${method} takes no ${part}`, 'put the inputs into the query', ['operation', part])]
}

function headerFaults({ headers }: JsonObject): readonly Finding[] {
  return Object.entries(isObject(headers) ? headers : {}).flatMap(([name, value]) => {
    const path = ['operation', 'headers', name]
    const fault = headerNameFault(name)
    if (fault !== undefined) return [wrong(fault, 'choose another', path)]
    return isHeaderValue(String(value)) ? [] : [wrong(`${name} has a character that no header can carry`, 'use Latin-1 without line breaks', path)]
  })
}

const styles: Readonly<Record<string, { readonly needs: readonly string[]; readonly takes: readonly string[] }>> = {
  page: { needs: ['page'], takes: ['page', 'size', 'start'] },
  offset: { needs: ['offset'], takes: ['offset', 'size'] },
  cursor: { needs: ['cursor', 'next'], takes: ['cursor', 'next', 'size'] },
  link: { needs: [], takes: ['next', 'size'] },
}
const carriers = ['page', 'offset', 'cursor', 'size'] as const

function carriedBy(paginate: Paginate | undefined): ReadonlySet<string> {
  return new Set(carriers.map((word) => paginate?.[word]).filter((name) => name !== undefined))
}

function pageFaults(paginate: Paginate, placed: readonly Placed[], effect: Effect): readonly Finding[] {
  const { style } = paginate
  const { needs, takes } = styles[style] ?? { needs: [], takes: [] }
  const path = ['operation', 'paginate']
  const given = ['page', 'offset', 'cursor', 'next', 'size'].filter((word) => paginate[word as keyof Paginate] !== undefined)
  const holes = new Map(placed.map((one) => [one.hole.name, one]))
  if (effect !== 'read') return [wrong(`pages under effect: ${effect}`, 'only what reads is asked page after page', path)]
  return [
    ...needs.filter((word) => !given.includes(word)).map((word) => wrong(`paginate of style ${style} does not say ${word}`, `add ${word}`, path)),
    ...given.filter((word) => !takes.includes(word)).map((word) => wrong(`${word} has no meaning for style ${style}`, 'remove it', [...path, word])),
    ...carriers.flatMap((word) => {
      const name = paginate[word]
      if (name === undefined || !takes.includes(word)) return []
      const hole = holes.get(name)
      if (hole === undefined) return [placeholder(`no {${name}} in the request carries the ${word}`, `put {${name}} into it`, [...path, word])]
      return word === 'cursor' && hole.isInPath
        ? [wrong('a cursor cannot stand in the path: the first request has none', 'put it into the query', [...path, word])]
        : []
    }),
  ]
}

const placeholder = (message: string, hint: string, path: Path): Finding => ({ code: 'HUB_CONFIG_PLACEHOLDER', message, hint, path })

function missing(placed: readonly Placed[], inputs: ReadonlyMap<string, Input>, carried: ReadonlySet<string>): readonly Finding[] {
  return placed.flatMap(({ hole, path, isInPath }): readonly Finding[] => {
    const within = { offset: hole.offset, length: hole.length }
    const input = inputs.get(hole.name)
    if (input === undefined) {
      if (carried.has(hole.name)) return []
      return [{ ...placeholder(`{${hole.name}} has no input`, suggestion(hole.name, [...inputs.keys()]), path), within }]
    }
    if (!isInPath || input.isSure || carried.has(hole.name)) return []
    const hint = `put ${hole.name} among the required ones, or give it a default`
    return [{ ...placeholder(`{${hole.name}} stands in the path, and its input may be left out`, hint, path), within }]
  })
}

function suggestion(name: string, known: readonly string[]): string {
  const near = known.length === 0 ? undefined : closest(name, [...known])
  if (near !== undefined && distance(name, near) <= Math.max(2, name.length / 3)) return `did you mean {${near}}?`
  return `add ${name} to the properties of input; where it is meant as plain text, put spaces inside the braces`
}

function unused(placed: readonly Placed[], inputs: ReadonlyMap<string, Input>): readonly Finding[] {
  const used = new Set(placed.map(({ hole }) => hole.name))
  return [...inputs.keys()]
    .filter((name) => !used.has(name))
    .map((name) => placeholder(`no {${name}} in the request uses this input`, `put {${name}} into it, or remove the input`, ['input', 'properties', name]))
}
