import { isObject, type Json } from '../../runtime/contract/json.ts'

const keywords = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
)

/** Names that stand in the annotations of generated modules: a field or method of one of them would take its place there. */
const annotationNames = ['Annotated', 'Any', 'Date', 'DateTime', 'Field', 'Input', 'Integer', 'Literal', 'Model', 'NULLABLE', 'UUID', 'Value', 'Whole']
/** The same of Python's own. */
export const builtinNames = ['bool', 'dict', 'float', 'int', 'list', 'str', 'tuple']

/** What pydantic's models have already. */
const modelNames = `construct copy dict from_orm json parse_file parse_obj parse_raw schema schema_json update_forward_refs validate
  model_computed_fields model_config model_construct model_copy model_dump model_dump_json model_extra model_fields model_fields_set model_json_schema
  model_parametrized_name model_post_init model_rebuild model_validate model_validate_json model_validate_strings`.split(/\s+/)

/** Names a field cannot have. */
export const fieldTaken: ReadonlySet<string> = new Set([...keywords, ...annotationNames, ...builtinNames, ...modelNames])
/** Names a parameter cannot have. */
export const parameterTaken: ReadonlySet<string> = new Set([...keywords, 'self'])
/** Names a method cannot have. A built-in type it may take the name of, as in `files.list()`: that is written `_builtins.list` around it. */
export const methodTaken: ReadonlySet<string> = new Set([...keywords, ...annotationNames])
/** Names the attribute of a connector cannot have. */
export const attributeTaken: ReadonlySet<string> = new Set([...methodTaken, ...builtinNames, 'cached_property', 'call_tool', 'mcp', 'property'])
/** Names a module cannot have. */
export const moduleTaken: ReadonlySet<string> = keywords

const longestName = 80

/** A text as a Python name in its own case: ASCII, no underscore in front (that would mean private); `taken` names get one behind. */
export function identifier(text: string, taken: ReadonlySet<string>): string {
  const plain = text
    .slice(0, longestName)
    .replace(/[^A-Za-z0-9_]+/g, '_')
    .replace(/^_+/, '')
  const name = plain === '' ? 'value' : /^[0-9]/.test(plain) ? `n${plain}` : plain
  return taken.has(name) ? `${name}_` : name
}

/** A text as the name of a class: words of letters and digits, each begun with a capital. */
export function pascal(text: string): string {
  const words = text.slice(0, longestName).match(/[A-Za-z0-9]+/g) ?? ['value']
  const name = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('')
  return /^[0-9]/.test(name) ? `N${name}` : name
}

/** Hands out names, each once: a name that is taken gets a number. */
export interface Names {
  take(wanted: string): string
  has(name: string): boolean
}

/** Names of one place, without those that are taken there from the start. */
export function createNames(taken: Iterable<string> = []): Names {
  const used = new Set(taken)
  const next = new Map<string, number>()
  return {
    has: (name) => used.has(name),
    take(wanted) {
      let name = wanted
      let number = next.get(wanted) ?? 2
      for (; used.has(name); number++) name = `${wanted}${/[0-9]$/.test(wanted) ? '_' : ''}${number}`
      if (name !== wanted) next.set(wanted, number)
      used.add(name)
      return name
    },
  }
}

/** A Python name for each of some texts, in sorted order so that the same texts get the same names; what is a name already keeps it. */
export function nameEach(texts: readonly string[], taken: ReadonlySet<string>, name = identifier): ReadonlyMap<string, string> {
  const names = createNames(taken)
  const sorted = texts.toSorted((one, other) => Number(name(other, taken) === other) - Number(name(one, taken) === one) || (one < other ? -1 : 1))
  return new Map(sorted.map((text) => [text, names.take(name(text, taken))]))
}

/** An alternative is named after what it refers to, or after a value only it has, or by its number. */
export function alternativeName(schema: Json, hint: string, index: number): string {
  const properties = isObject(schema) && isObject(schema['properties']) ? Object.values(schema['properties']) : []
  const constant = properties.map((inner) => (isObject(inner) ? inner['const'] : undefined)).find((value) => typeof value === 'string')
  return typeof constant === 'string' && /[A-Za-z]/.test(constant) ? `${hint}${pascal(constant)}` : `${hint}${index + 1}`
}

/** The name of one of many. */
export const singular = (name: string): string =>
  /[a-z]ies$/.test(name) ? `${name.slice(0, -3)}y` : /[a-rt-z]s$/.test(name) ? name.slice(0, -1) : `${name}Item`
