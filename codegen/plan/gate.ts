import type { Report } from './report.ts'
import { growth, type TokenChange } from './tokens.ts'
import { percent, thousands } from './lines.ts'

/** What a check in CI stops at: breaking changes; those and looser ones; any change at all; nothing. */
export const failOns = ['breaking', 'looser', 'any', 'never'] as const

/** A bound of tokens for one endpoint. */
export interface TokenLimit {
  /** Its path. */
  readonly endpoint: string
  readonly limit: number
  /** Of growth: the limit is in percent of what was before. */
  readonly isPercent?: boolean
}

/** When a plan fails. */
export interface Gate {
  readonly failOn: (typeof failOns)[number]
  readonly tokensMax: readonly TokenLimit[]
  readonly tokensGrowth: readonly TokenLimit[]
}

/** Why a plan fails, a sentence each; none when it passes. */
export function failuresOf(report: Report, { failOn, tokensMax, tokensGrowth }: Gate): readonly string[] {
  return [
    ...changeFailures(report, failOn),
    ...tokensMax.flatMap(({ endpoint, limit }) => {
      const { after } = endpointOf(report, endpoint)
      return after !== undefined && after > limit ? [`${endpoint} costs ${thousands(after)} tokens, more than ${thousands(limit)}`] : []
    }),
    ...tokensGrowth.flatMap((limit) => growthFailure(endpointOf(report, limit.endpoint), limit)),
  ]
}

function changeFailures({ counts, entries }: Report, failOn: Gate['failOn']): readonly string[] {
  const count = (many: number, what: string): readonly string[] => (many === 0 ? [] : [`${many} ${what} ${many === 1 ? 'change' : 'changes'}`])
  if (failOn === 'never') return []
  if (failOn === 'any') return count(entries.flatMap(({ changes }) => changes).length, 'unwanted')
  return [...count(counts.breaking, 'breaking'), ...(failOn === 'looser' ? count(counts.looser, 'loosening') : [])]
}

const endpointOf = ({ tokens }: Report, path: string): TokenChange => tokens.endpoints.find(({ name }) => name === path) ?? { name: path }

/** An endpoint that is new has grown from nothing, which no bound of growth is meant for. */
function growthFailure(one: TokenChange, { endpoint, limit, isPercent }: TokenLimit): readonly string[] {
  const { before, after } = one
  if (before === undefined || after === undefined || growth(one) <= 0) return []
  const isOver = isPercent ? growth(one) * 100 > before * limit : growth(one) > limit
  return isOver ? [`${endpoint} grew by ${thousands(growth(one))} tokens (${percent(one)}), more than ${isPercent ? `${limit} %` : thousands(limit)}`] : []
}
