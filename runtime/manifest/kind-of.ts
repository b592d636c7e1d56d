import type { JsonObject } from '../contract/json.ts'
import type { Kind } from '../contract/kind.ts'
import type { Remark, Tell } from './problems.ts'
import { connectorSchema } from './schemas.ts'
import { listed, suggest } from './suggest.ts'

/** Schemas of manifests by kind, each made once. */
export function schemasOfKinds(): (kind: Kind) => JsonObject {
  const made = new Map<Kind, JsonObject>()
  return (kind) => {
    const schema = made.get(kind) ?? connectorSchema(kind)
    made.set(kind, schema)
    return schema
  }
}

/** A tool of one's own under the name of a standard one, told once for each tool. */
export function withClashes(remarks: readonly Remark[], kind: Kind | undefined): readonly Remark[] {
  const names = (kind?.standardTools ?? []).map(({ name }) => name)
  const clashing = ({ code, path }: Remark): boolean =>
    code === 'HUB_CONFIG_UNKNOWN_FIELD' && path.length === 3 && path[0] === 'tools' && names.includes(String(path[1])) && definingFields.has(String(path[2]))
  const clashes = new Set(remarks.filter(clashing).map(({ path }) => String(path[1])))
  const told = [...clashes].map((name): Remark => {
    const message = `"${name}" is a standard tool of kind ${kind?.kind ?? ''}`
    return {
      code: 'HUB_CONFIG_DUPLICATE',
      message,
      hint: 'choose another name, or leave effect, input, output and operation away to adjust it',
      path: ['tools', name],
      part: 'key',
    }
  })
  return [...remarks.filter((remark) => !clashing(remark)), ...told]
}

const definingFields = new Set(['effect', 'input', 'output', 'operation'])

/** The kind a manifest names; undefined when there is none of that name, which was told. */
export function findKind(written: JsonObject, kinds: readonly Kind[], tell: Tell): Kind | undefined {
  const { kind: name } = written
  const kind = kinds.find((one) => one.kind === name)
  if (kind || typeof name !== 'string') return kind
  const names = kinds.map((one) => one.kind)
  tell({ code: 'HUB_CONFIG_REFERENCE', message: `there is no kind "${name}"`, hint: suggest(name, names) ?? `kinds: ${listed(names)}`, path: ['kind'] })
  return undefined
}
