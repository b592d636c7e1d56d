/** A Python type of a JSON value. */
export type PyType =
  | { readonly sort: 'any' | 'none' | 'never' }
  /** `limits` are arguments of pydantic's Field. */
  | { readonly sort: 'plain'; readonly name: 'str' | 'int' | 'float' | 'bool'; readonly limits: readonly string[] }
  | { readonly sort: 'moment'; readonly name: 'DateTime' | 'Date' | 'UUID' }
  /** Values as Python writes them. */
  | { readonly sort: 'literal'; readonly values: readonly string[] }
  | { readonly sort: 'list'; readonly item: PyType; readonly limits: readonly string[] }
  | { readonly sort: 'dict'; readonly value: PyType; readonly limits: readonly string[] }
  | { readonly sort: 'tuple'; readonly items: readonly PyType[] }
  | { readonly sort: 'union'; readonly of: readonly PyType[] }
  /** A class or alias of the connector's module. */
  | { readonly sort: 'named'; readonly name: string }

/** One property of a class. */
export interface Field {
  /** As JSON has it. */
  readonly key: string
  readonly type: PyType
  readonly required: boolean
  readonly doc: string
}

/** A class of JSON objects. */
export interface ClassDefinition {
  readonly sort: 'class'
  readonly name: string
  readonly doc: string
  readonly fields: readonly Field[]
  /** What keys the schema does not name may be: absent: nothing at all. */
  readonly extra?: PyType
}

/** A name for a type that is no class: it is long, or stands inside itself. */
export interface AliasDefinition {
  readonly sort: 'alias'
  readonly name: string
  readonly type: PyType
}

/** What a module of types holds. */
export type Definition = ClassDefinition | AliasDefinition

/** Types that take part in others by their own name. */
export const any: PyType = { sort: 'any' }
export const none: PyType = { sort: 'none' }
export const never: PyType = { sort: 'never' }

/** The union of some types: flat, each once, null last; anything at all when one of them is. */
export function unionOf(types: readonly PyType[]): PyType {
  const [first] = types
  if (types.length === 1 && first !== undefined && first.sort !== 'union') return first
  const flat = types.flatMap((type) => (type.sort === 'union' ? type.of : [type])).filter(({ sort }) => sort !== 'never')
  if (flat.some(({ sort }) => sort === 'any')) return any
  const kept = eachOnce(flat)
  const literals = kept.flatMap((type) => (type.sort === 'literal' ? type.values : []))
  const others = kept.filter(({ sort }) => sort !== 'literal' && sort !== 'none')
  const merged = [
    ...others,
    ...(literals.length > 0 ? [{ sort: 'literal', values: [...new Set(literals)] } as const] : []),
    ...(kept.some(({ sort }) => sort === 'none') ? [none] : []),
  ]
  if (merged.length === 0) return never
  return merged.length === 1 ? (merged[0] as PyType) : { sort: 'union', of: merged }
}

function eachOnce(types: readonly PyType[]): readonly PyType[] {
  const sorts = new Set(types.map(({ sort }) => sort))
  if (sorts.size === types.length) return types
  return [...new Map(types.map((type) => [JSON.stringify(type), type] as const)).values()]
}

/** How a type is written. */
export interface Writing {
  /** With limits, as models hold it; without, as signatures do. */
  readonly limits: boolean
  /** Before names of the connector's module: `_models.`. */
  readonly prefix: string
  /** Before names of built-in types: `builtins.` where a method has taken one. */
  readonly builtin: string
}

/** How a module of models writes types. */
export const inModels: Writing = { limits: true, prefix: '', builtin: '' }

/** A type as Python text. */
export function typeText(type: PyType, writing: Writing): string {
  switch (type.sort) {
    case 'any':
    case 'never':
      return 'Any'
    case 'none':
      return 'None'
    case 'plain':
      return plainText(type.name, type.limits, writing)
    case 'moment':
      return type.name
    case 'literal':
      return `Literal[${type.values.join(', ')}]`
    case 'list':
      return limited(`${writing.builtin}list[${typeText(type.item, writing)}]`, type.limits, writing)
    case 'dict':
      return limited(`${writing.builtin}dict[${writing.builtin}str, ${typeText(type.value, writing)}]`, type.limits, writing)
    case 'tuple':
      return `${writing.builtin}tuple[${type.items.length === 0 ? '()' : type.items.map((item) => typeText(item, writing)).join(', ')}]`
    case 'union':
      return [...new Set(type.of.map((one) => typeText(one, writing)))].join(' | ')
    case 'named':
      return `${writing.prefix}${type.name}`
  }
}

function plainText(name: string, limits: readonly string[], writing: Writing): string {
  if (name !== 'int' || !writing.limits) return limited(`${writing.builtin}${name}`, limits, writing)
  return limits.length === 0 ? 'Integer' : `Annotated[${writing.builtin}int, Field(${limits.join(', ')}), Whole]`
}

const limited = (text: string, limits: readonly string[], writing: Writing): string =>
  limits.length === 0 || !writing.limits ? text : `Annotated[${text}, Field(${limits.join(', ')})]`
