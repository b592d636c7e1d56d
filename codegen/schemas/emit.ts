import type { JsonObject } from '../../runtime/contract/json.ts'
import type { Kind } from '../../runtime/contract/kind.ts'
import type { Output } from '../emit.ts'
import type { Emitter } from '../emitter.ts'
import { connectorEditorSchema, hubConfigEditorSchema } from './editor-schemas.ts'

/** What editors complete and check manifests and hub.config.yaml with. */
export const schemasEmitter: Emitter = {
  name: 'schemas',
  whole: ({ kinds }) => outputsOf(kinds),
}

// They depend on the kinds alone, which stay as they are while a manifest is edited.
const made = new WeakMap<readonly Kind[], readonly Output[]>()

function outputsOf(kinds: readonly Kind[]): readonly Output[] {
  const outputs = made.get(kinds) ?? [
    { path: 'schemas/connector.json', content: json(connectorEditorSchema(kinds)) },
    { path: 'schemas/hub.config.json', content: json(hubConfigEditorSchema()) },
  ]
  made.set(kinds, outputs)
  return outputs
}

const json = (schema: JsonObject): string => `${JSON.stringify(schema, null, 2)}\n`
