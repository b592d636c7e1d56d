import { isObject, type Json } from '../contract/json.ts'

type Rule = (word: Json) => boolean

/** True for a schema that is plainly sound by the meta-schema of 2020-12, as most are; of any other only the validator can tell, and loading that takes 100 ms. */
export function isPlainSchema(schema: Json): boolean {
  if (!isObject(schema)) return typeof schema === 'boolean'
  return Object.entries(schema).every(([name, word]) => (Object.hasOwn(rules, name) ? rules[name]?.(word) === true : name.startsWith('x-')))
}

const anything: Rule = () => true
const isText: Rule = (word) => typeof word === 'string'
const isFlag: Rule = (word) => typeof word === 'boolean'
const isNumber: Rule = (word) => Number.isFinite(word)
const isCount: Rule = (word) => Number.isSafeInteger(word) && (word as number) >= 0
const isList = (word: Json): word is readonly Json[] => Array.isArray(word)
const isOnce = (words: readonly Json[]): boolean => new Set(words).size === words.length
const isTexts: Rule = (word) => isList(word) && word.every(isText) && isOnce(word)
const isPlainList: Rule = (word) => isList(word) && word.length > 0 && word.every(isPlainSchema)
const isPlainMap: Rule = (word) => isObject(word) && Object.values(word).every(isPlainSchema)

const typeNames = new Set<Json>(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null'])

function isPattern(word: Json): boolean {
  if (typeof word !== 'string') return false
  try {
    RegExp(word, 'u')
    return true
  } catch {
    return false
  }
}

const rules: Readonly<Record<string, Rule>> = {
  $schema: isText,
  $comment: isText,
  $ref: (word) => typeof word === 'string' && /^#(\/[\w$.-]+)*$/.test(word),
  $defs: isPlainMap,
  title: isText,
  description: isText,
  default: anything,
  const: anything,
  examples: isList,
  enum: (word) => isList(word) && word.length > 0,
  deprecated: isFlag,
  readOnly: isFlag,
  writeOnly: isFlag,
  type: (word) => typeNames.has(word) || (isList(word) && word.length > 0 && word.every((name) => typeNames.has(name)) && isOnce(word)),
  format: isText,
  pattern: isPattern,
  minLength: isCount,
  maxLength: isCount,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  multipleOf: (word) => isNumber(word) && (word as number) > 0,
  minItems: isCount,
  maxItems: isCount,
  uniqueItems: isFlag,
  minProperties: isCount,
  maxProperties: isCount,
  required: isTexts,
  properties: isPlainMap,
  patternProperties: (word) => isPlainMap(word) && Object.keys(word as object).every(isPattern),
  additionalProperties: isPlainSchema,
  unevaluatedProperties: isPlainSchema,
  propertyNames: isPlainSchema,
  items: isPlainSchema,
  prefixItems: isPlainList,
  contains: isPlainSchema,
  anyOf: isPlainList,
  allOf: isPlainList,
  oneOf: isPlainList,
  not: isPlainSchema,
  if: isPlainSchema,
  then: isPlainSchema,
  else: isPlainSchema,
}
