import type { Answer } from '../../../contract/answer.ts'
import { HubError } from '../../../contract/errors.ts'
import type { JsonObject } from '../../../contract/json.ts'
import { indicatorOf, indicators } from '../catalogue/indicators.ts'
import { patterns } from '../catalogue/patterns.ts'
import type { Indicator, Parameter } from '../catalogue/types.ts'
import { nearTo } from '../request.ts'

/** Indicators that fit words and a family, by page; the better they fit the earlier. */
export function answerList(search: string | undefined, family: string | undefined, limit: number, offset: number): Answer {
  const words = (search ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '')
  const found = indicators
    .filter((indicator) => family === undefined || indicator.family === family)
    .map((indicator) => ({ indicator, fit: fitOf(indicator, words) }))
    .filter(({ fit }) => fit > 0)
    .toSorted((a, b) => b.fit - a.fit)
  const rows = found.slice(offset, offset + limit).map(({ indicator }) => short(indicator))
  const next = offset + rows.length
  const notes = [
    ...(found.length === 0 ? ['no indicator fits; use fewer or other words, or leave out family'] : []),
    ...(next < found.length ? [`${found.length - next} more: ask again with offset: ${next}`] : []),
  ]
  return { type: 'data', data: { rows, total: found.length }, ...(notes.length > 0 && { notes }) }
}

// In lower case, the heaviest first; made once, with the first search.
const searched = new WeakMap<Indicator, readonly (readonly [text: string, weight: number])[]>()

function textsOf(indicator: Indicator): readonly (readonly [text: string, weight: number])[] {
  const known = searched.get(indicator)
  if (known !== undefined) return known
  const { id, name, tells, formula, source, family } = indicator
  const texts = [
    [id.replaceAll('_', ' '), 8],
    [id, 8],
    [name, 6],
    [family, 3],
    [tells, 2],
    [`${formula} ${source}`, 1],
  ] as const
  const lower = texts.map(([text, weight]) => [text.toLowerCase(), weight] as const)
  searched.set(indicator, lower)
  return lower
}

function fitOf(indicator: Indicator, words: readonly string[]): number {
  if (words.length === 0) return 1
  let fit = 0
  for (const word of words) {
    const best = textsOf(indicator).find(([text]) => text.includes(word))?.[1]
    if (best === undefined) return 0
    fit += best + (indicator.id === word ? 10 : 0)
  }
  return fit
}

const short = ({ id, name, family, tells, parameters, outputs }: Indicator): JsonObject => ({
  id,
  name,
  family,
  tells,
  parameters: parameters.map((parameter) => `${parameter.name} = ${parameter.default} (${parameter.minimum} to ${parameter.maximum})`),
  outputs: outputs.map((output) => output.name),
})

/** All there is to know of one indicator, or of one candle pattern. */
export function answerDescribe(name: string): Answer {
  const indicator = indicatorOf(name)
  if (indicator) return { type: 'data', data: { type: 'indicator', ...long(indicator) } }
  const pattern = patterns.find(({ id }) => id === name.toLowerCase().replaceAll(/[\s-]/g, '_'))
  if (pattern) {
    const { id, name: called, candles, bias, tells, source } = pattern
    return { type: 'data', data: { type: 'pattern', id, name: called, candles, bias, tells, source } }
  }
  const ids = [...indicators, ...patterns].map(({ id }) => id)
  throw new HubError('HUB_ARGS_INVALID', `there is no indicator or pattern "${name}"; ${nearTo(name, ids, 'list_indicators finds them by words')}`, {
    path: 'indicator',
  })
}

function long({ id, name, family, tells, formula, source, inputs, parameters, outputs, memory, undefinedWhen, warmup }: Indicator): JsonObject {
  const usual = Object.fromEntries(parameters.map((parameter) => [parameter.name, parameter.default]))
  return {
    id,
    name,
    family,
    tells,
    formula,
    source,
    inputs,
    parameters: parameters.map(shown),
    outputs: outputs.map((output) => ({
      name: output.name,
      description: output.description,
      unit: output.unit,
      ...(output.minimum !== undefined && { minimum: output.minimum }),
      ...(output.maximum !== undefined && { maximum: output.maximum }),
      warmup: (output.warmup ?? warmup)(usual),
    })),
    memory: {
      window: 'a value depends on its window only',
      fading: 'older candles count less and less: give a few times the warm-up for values others would show',
      all: 'a value depends on every candle since the first one given',
    }[memory],
    ...(undefinedWhen !== undefined && { undefinedWhen }),
    example: { indicator: id, ...usual },
  }
}

const shown = ({ name, description, type, default: usual, minimum, maximum }: Parameter): JsonObject => ({
  name,
  description,
  type,
  default: usual,
  minimum,
  maximum,
})
