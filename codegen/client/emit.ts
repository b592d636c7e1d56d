import { errorTable, type ErrorCode } from '../../runtime/contract/errors.ts'
import type { Emitter, Generation } from '../emitter.ts'
import { generatedFrom } from '../header.ts'
import { commentLine } from '../types/comment.ts'
import { compare } from '../toolsets.ts'
import { clientProperties } from '../types/emit.ts'
import { answerForm, answerForms, namedTools } from '../types/tools.ts'

/** The typed client of this hub: one file, which needs nothing but MCP's client package. */
export const clientEmitter: Emitter = {
  name: 'client',
  language: 'typescript',
  whole: (generation) => [{ path: 'client.ts', content: generation.templates.render('client.ts', dataOf(generation)) }],
}

/** Where a result's `_meta` tells what went wrong; what the edge writes is held to it by the client's tests. */
const errorMeta = 'io.integration-hub/error'

/** What an error of a code has for certain. */
const details: Partial<Record<ErrorCode, string>> = {
  HUB_LIMITED: '{ retryAfterMs: number }',
}

function dataOf({ plan }: Generation): object {
  const connectors = plan.connectors.toSorted((one, other) => compare(one.name, other.name))
  const properties = clientProperties(connectors)
  return {
    header: generatedFrom(),
    errorMeta,
    forms: answerForms,
    errors: (Object.keys(errorTable) as ErrorCode[])
      // A hub with such a fault serves nobody: no call can meet it.
      .filter((code) => !code.startsWith('HUB_CONFIG_'))
      .map((code) => ({ code, meaning: commentLine(errorTable[code].meaning), details: details[code] ?? '{}' })),
    connectors: connectors.map((connector) => ({
      property: properties.get(connector.name),
      name: connector.name,
      tools: namedTools(connector).map(({ local, method, spec }) => ({ local, method, form: answerForm(spec) })),
    })),
  }
}
