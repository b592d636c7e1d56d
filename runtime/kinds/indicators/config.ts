import type { JsonObject } from '../../contract/json.ts'

/** `config:` of a connector of this kind. */
export interface IndicatorsConfig {
  readonly candles?: number
  readonly indicators?: number
}

/** The config with its defaults. */
export interface Settings {
  /** Candles computed at once. */
  readonly candles: number
  /** Indicators or rules in one call. */
  readonly indicators: number
}

const defaults: Settings = { candles: 10_000, indicators: 32 }

/** The schema of `config:`. There is nothing that must be set. */
export const configSchema: JsonObject = {
  type: 'object',
  additionalProperties: false,
  properties: {
    candles: {
      type: 'integer',
      minimum: 10,
      maximum: 50_000,
      default: defaults.candles,
      description: 'Candles computed at once; of more only the newest are used, and the answer says so.',
    },
    indicators: { type: 'integer', minimum: 1, maximum: 100, default: defaults.indicators, description: 'Indicators, or rules of signals, in one call.' },
  },
}

/** Config as it is used. */
export const settingsOf = (config: IndicatorsConfig): Settings => ({ ...defaults, ...config })
