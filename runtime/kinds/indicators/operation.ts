import type { Json, JsonObject } from '../../contract/json.ts'

/** What the caller decides in full. */
export interface StandardOperation {
  readonly standard: 'list' | 'describe' | 'compute' | 'patterns' | 'signals'
}

/** What the manifest decides; `{name}` stands for the input of that name. */
export interface DeclaredOperation {
  readonly compute?: readonly JsonObject[]
  readonly patterns?: readonly string[]
  readonly signals?: readonly JsonObject[]
  readonly from?: { readonly tool: string; readonly args?: JsonObject }
  readonly last?: number | string
  readonly direction?: string
}

/** `operation:` of a tool of this kind. */
export type IndicatorsOperation = StandardOperation | DeclaredOperation

const hole = '{name} stands for the input of that name; where the caller leaves it out, the field is left out too.'

/** The schema of `operation:`. */
export const operationSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    compute: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: {
        type: 'object',
        required: ['indicator'],
        properties: { indicator: { type: 'string', description: 'Its id: rsi, macd, …; hub tool list_indicators has all.' } },
      },
      description: `Indicators to compute: { indicator, its parameters, alias, of }. ${hole}`,
      examples: [
        [
          { indicator: 'rsi', period: 14 },
          { indicator: 'sma', period: '{period}', alias: 'average' },
        ],
      ],
    },
    signals: {
      type: 'array',
      minItems: 1,
      maxItems: 100,
      items: { type: 'object', required: ['type'] },
      description: `Rules: { type: cross, of, with }, { type: threshold, of, above, below } or { type: divergence, of }. ${hole}`,
      examples: [[{ type: 'cross', of: { indicator: 'sma', period: 50 }, with: { indicator: 'sma', period: 200 } }]],
    },
    patterns: {
      type: 'array',
      maxItems: 100,
      items: { type: 'string' },
      description: 'Candle patterns to look for, by id; an empty list is all of them.',
      examples: [['hammer', 'engulfing'], []],
    },
    from: {
      type: 'object',
      additionalProperties: false,
      required: ['tool'],
      properties: {
        tool: {
          type: 'string',
          minLength: 1,
          description: 'Full name of a tool whose answer has rows with timestamp, open, high, low, close and volume. It is called as the caller.',
          examples: ['market_latest_candles'],
        },
        args: { type: 'object', description: `Its arguments. ${hole}`, examples: [{ symbol: '{symbol}' }] },
      },
      description: 'Where the candles come from; absent: from the caller, in its argument candles or from.',
    },
    last: { type: ['integer', 'string'], minimum: 1, description: `How many of the newest rows are answered, or candles searched. ${hole}` },
    direction: { type: 'string', description: `Only patterns that point this way: bullish, bearish or neutral. ${hole}` },
    standard: { enum: ['list', 'describe', 'compute', 'patterns', 'signals'], description: 'The caller says all of it; for the standard tools.' },
  },
}

const wholeHole = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/
const anyHole = /\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** True for a text with a hole: what it will be is only known at the call. */
export const isOpen = (value: Json): boolean => typeof value === 'string' && value.search(anyHole) >= 0

/** The names in the holes of a value, each with its place. */
export function holesIn(
  value: Json | undefined,
  path: readonly (string | number)[] = [],
): readonly { readonly name: string; readonly path: readonly (string | number)[] }[] {
  if (typeof value === 'string') return [...value.matchAll(anyHole)].map(([, name]) => ({ name: name as string, path }))
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => holesIn(item, [...path, index]))
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, inner]) => holesIn(inner as Json, [...path, key]))
}

/** A value with its holes filled. A text that is one hole becomes the argument itself; what stands for nothing is left out. */
export function filled(value: Json, args: JsonObject): Json | undefined {
  if (typeof value === 'string') {
    const [, whole] = wholeHole.exec(value) ?? []
    if (whole !== undefined) return args[whole] ?? undefined
    return value.replaceAll(anyHole, (_hole, name: string) => textOf(args[name]))
  }
  if (Array.isArray(value)) return value.flatMap((item: Json) => filled(item, args) ?? [])
  if (value === null || typeof value !== 'object') return value
  const made: Record<string, Json> = {}
  for (const [key, inner] of Object.entries(value as JsonObject)) {
    const content = filled(inner, args)
    if (content !== undefined) made[key] = content
  }
  return made
}

const textOf = (value: Json | undefined): string => (value === undefined || value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value))
