import type { ErrorCode } from '../../../runtime/contract/errors.ts'
import { HubError } from '../../../runtime/contract/errors.ts'
import type { Json, JsonObject, JsonSchema } from '../../../runtime/contract/json.ts'
import type { Expectation, ToolTest } from '../../../runtime/contract/tool-test.ts'
import type { ToolSpec } from '../../../runtime/contract/tool.ts'
import type { Reading } from '../../../runtime/trials/reading.ts'
import type { Trial } from '../../../runtime/trials/trial.ts'
import { connector, tool } from '../../fixtures/plan.ts'

export const place = { file: 'market.yaml', line: 7, column: 5 }

type Loose<One> = One extends unknown ? Omit<One, 'place'> : never

/** An expectation with its place. */
export const expecting = (expectation: Loose<Expectation>): Expectation => ({ ...expectation, place: { ...place, line: 9 } })

/** A test of a tool as the compiler would make it. */
export const testOf = (over: Partial<ToolTest> = {}): ToolTest => ({ name: 'it works', args: {}, expect: [], place, ...over })

/** One trial of the tool `market_last`. */
export function trial(over: Partial<ToolTest> = {}, spec: Partial<Omit<ToolSpec, 'policy'>> & { output?: JsonSchema } = {}): Trial {
  const test = testOf(over)
  const owner = connector('market', { directory: '/nowhere' })
  return { connector: owner, spec: tool('market', 'last', { ...spec, tests: [test] }), test }
}

export const answered = (value: Json, text = JSON.stringify(value)): Reading => ({ value, text, isError: false })
export const refused = (code: ErrorCode, message: string, details: JsonObject = {}): Reading => ({ error: new HubError(code, message, details) })
