import type { JsonObject } from '../runtime/contract/json.ts'
import type { Kind } from '../runtime/contract/kind.ts'
import { connectorEditorSchema, hubConfigEditorSchema } from './editor-schemas.ts'
import type { Output } from './emit.ts'
import { errorsPage } from './errors-page.ts'

/** Everything codegen makes, from the kinds and the error table alone: the same on every machine. */
export function outputsOf(kinds: readonly Kind[]): readonly Output[] {
  return [
    { path: 'generated/schemas/connector.json', content: json(connectorEditorSchema(kinds)) },
    { path: 'generated/schemas/hub.config.json', content: json(hubConfigEditorSchema()) },
    { path: 'docs/errors.md', content: errorsPage() },
  ]
}

const json = (schema: JsonObject): string => `${JSON.stringify(schema, null, 2)}\n`
