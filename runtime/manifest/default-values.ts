import { isObject, type Json, type JsonObject } from '../contract/json.ts'
import { fit } from './fit.ts'
import type { Interface } from './interfaces.ts'
import type { Manifest } from './manifest.ts'
import { startsWith } from './settle.ts'
import type { Path } from './source.ts'

interface Default {
  /** Of the input, among the arguments. */
  readonly argument: readonly string[]
  /** Of the word `default`, in the schema. */
  readonly path: Path
  readonly value: Json
}

/** Tells of defaults that their own schemas refuse: whoever leaves such an input out would be told of arguments never given. Where arguments are not checked, neither are these. */
export function tellDefaults({ checkArguments, tellIn }: Manifest, { schema, placeOf }: Interface): void {
  if (checkArguments === undefined || !isObject(schema)) return
  for (const { argument, path, value } of doubtful(schema)) {
    // The whole schema is asked, which knows its $defs; what it says of other places is not about this value.
    const faults = checkArguments(schema, nested(argument, value)).filter((remark) => startsWith(remark.path, argument))
    for (const { message } of faults.slice(0, 1)) {
      const place = placeOf(path)
      const hint = 'a default is given as if the caller had written it'
      tellIn(place.source, { code: 'HUB_CONFIG_SCHEMA', message: `the default does not fit its own schema: ${message}`, hint, path: place.path })
    }
  }
}

/** Defaults of inputs, and of inputs inside them, that do not fit at the first look; it settles most at no cost. */
function doubtful(schema: JsonObject, argument: readonly string[] = [], path: Path = []): readonly Default[] {
  const { properties } = schema
  return Object.entries(isObject(properties) ? properties : {}).flatMap(([name, inner]) => {
    if (!isObject(inner)) return []
    const [inputs, here] = [
      [...argument, name],
      [...path, 'properties', name],
    ]
    const { default: value } = inner
    const isDoubtful = value !== undefined && fit(inner, value) === undefined
    return [...(isDoubtful ? [{ argument: inputs, path: [...here, 'default'], value }] : []), ...doubtful(inner, inputs, here)]
  })
}

const nested = (names: readonly string[], value: Json): Json => names.reduceRight<Json>((inner, name) => ({ [name]: inner }), value)
