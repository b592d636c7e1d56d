import { createRequire } from 'node:module'
import type { Ajv2020, Options, ValidateFunction } from 'ajv/dist/2020.js'
import type * as Codegen from 'ajv/dist/compile/codegen/index.js'
import type { JsonSchema } from '../../runtime/contract/json.ts'
import { compileAlone, withPlainNames } from '../../runtime/manifest/validator.ts'

const load = createRequire(import.meta.url)

/** Checks of one sort as text: statements, and the name each check has in them. */
export interface Written {
  readonly code: string
  /** By the key the schema was given under. A schema that cannot be compiled has none. */
  readonly names: ReadonlyMap<string, string>
}

/**
 * Options under which a validator remembers the text of what it compiles, and does not compile it: that would take as long as writing it. Not optimised, which takes half as long
 * again and saves a tenth; without the meta-schemas where no schema refers to one.
 */
export function writing(schemas: readonly unknown[]): Pick<Options, 'code' | 'meta'> {
  const { _ } = load('ajv/dist/compile/codegen') as typeof Codegen
  return {
    code: { source: true, lines: true, optimize: 0, formats: _`formats`, process: () => 'return () => true' },
    meta: JSON.stringify(schemas).includes('json-schema.org/'),
  }
}

type Standalone = (ajv: Pick<Ajv2020, 'opts' | 'scope' | 'getSchema'>, names: Readonly<Record<string, string>>) => string

/** Writes the checks of some schemas; `exports` is an object that the code puts them into. Equal schemas are checked by one function. */
export function write(ajv: Ajv2020, schemas: Iterable<readonly [key: string, schema: JsonSchema]>): Written {
  const { default: standalone } = load('ajv/dist/standalone') as { readonly default: Standalone }
  const checks = new Map<string, ValidateFunction>()
  const names = new Map<string, string>()
  for (const [key, schema] of schemas) {
    const text = JSON.stringify(schema)
    const check = checks.get(text) ?? compiled(ajv, schema)
    const name = check?.source?.validateName
    if (check === undefined || name === undefined) continue
    checks.set(text, check)
    names.set(key, String(name))
  }
  const byName = new Map([...checks.values()].map((check) => [String(check.source?.validateName), check]))
  // The library writes what it finds by name; these checks are known to no registry, since schemas of two tools may have one $id.
  const code = standalone(
    { opts: ajv.opts, scope: ajv.scope, getSchema: (name: string) => byName.get(name) } as Ajv2020,
    Object.fromEntries([...byName.keys()].map((name) => [name, name])),
  )
  return { code: selfContained(code), names }
}

/** What the compiler took and the validator will not is refused at its first call, as without generated code. */
function compiled(ajv: Ajv2020, schema: JsonSchema): ValidateFunction | undefined {
  try {
    return compileAlone(ajv, schema)
  } catch {
    return undefined
  }
}

// Texts of a schema are JSON in here and hold no line end, so that nothing but a statement begins a line.
const foreign = /^(?:"use strict";|exports\.\w+ = \w+;|const (\w+) = require\("ajv\/dist\/runtime\/(equal|ucs2length)"\)\.default;)\n/gm

function selfContained(code: string): string {
  const own = code.replace(foreign, (_statement, name?: string, part?: string) => (name === undefined ? '' : `const ${name} = ${part};\n`))
  return withPlainNames(own).trim()
}
