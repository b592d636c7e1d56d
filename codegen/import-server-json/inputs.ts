import { isObject, type JsonObject } from '../../runtime/contract/json.ts'
import { variableName } from '../import-source/name.ts'
import { oneLine } from '../import-source/text.ts'

/** The environment a value may come from while the server is imported. */
export type Environment = Readonly<Record<string, string | undefined>>

/** One value a server is started or called with: as the manifest says it, and as it is now. */
export interface Input {
  /** A text with the environment's names in it, or a reference to a secret; undefined: left out, because nobody must give it. */
  readonly written?: string | JsonObject
  readonly actual?: string
  /** Variables that must be set and are not. */
  readonly missing: readonly string[]
  /** Variables a person may or must set, and what they are for. */
  readonly variables: readonly InputVariable[]
}

/** A variable of the environment that an input is taken from. */
export interface InputVariable {
  readonly name: string
  readonly meaning: string
  readonly required: boolean
  readonly secret: boolean
}

/** Where an input stands: whether a secret may stand there by reference. */
export interface Spot {
  readonly connector: string
  /** What names its variable: the environment variable itself, or the name of a header or an argument. */
  readonly name: string
  /** True: the variable is called `name`; false: it is the connector's own. */
  readonly isVariable: boolean
  readonly takesSecret: boolean
  readonly env: Environment
}

/** Reads an input of a server.json: a fixed value, a template with {variables}, a default, or something to be given. */
export function inputOf(input: JsonObject, spot: Spot): Input {
  const { value, variables } = input
  if (typeof value === 'string') return templateOf(value, input, isObject(variables) ? variables : {}, spot)
  return givenOf(input, spot.isVariable ? spot.name : variableName(spot.connector, spot.name), spot)
}

function givenOf(input: JsonObject, name: string, { env, takesSecret }: Spot): Input {
  const required = input['isRequired'] === true
  const secret = input['isSecret'] === true
  const fallback = input['default'] === undefined ? undefined : String(input['default'])
  const variable = { name, meaning: meaningOf(input), required: required && fallback === undefined, secret }
  const actual = env[name] ?? fallback
  const missing = variable.required && actual === undefined ? [name] : []
  const found = { ...(actual !== undefined && { actual }), missing, variables: [variable] }
  if (secret && takesSecret) return { ...found, written: { secret: name, ...(!variable.required && { optional: true }) } }
  if (fallback !== undefined) return { ...found, written: /[{}$]/.test(fallback) ? `\${${name}}` : `\${${name}:-${fallback}}` }
  return variable.required ? { ...found, written: `\${${name}}` } : found
}

/** A fixed value; its {holes} are variables. Where one of them is a secret the whole is given as one. */
function templateOf(template: string, input: JsonObject, declared: JsonObject, spot: Spot): Input {
  const names = [...new Set([...template.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name as string))].filter((name) => isObject(declared[name]))
  const parts = new Map(names.map((name) => [name, givenOf(declared[name] as JsonObject, variableName(spot.connector, name), spot)]))
  const isSecret = input['isSecret'] === true || names.some((name) => (declared[name] as JsonObject)['isSecret'] === true)
  if (isSecret && spot.takesSecret) {
    const name = spot.isVariable ? spot.name : variableName(spot.connector, spot.name)
    const actual = spot.env[name]
    const meaning = `the whole value, as in ${oneLine(template)}`
    return {
      written: { secret: name },
      ...(actual !== undefined && { actual }),
      missing: actual === undefined ? [name] : [],
      variables: [{ name, meaning, required: true, secret: true }],
    }
  }
  // A $ before braces that name no variable would name one of the environment.
  const put = (pick: (part: Input, name: string) => string, dollar: string): string =>
    template.replace(/(\$?)\{([^{}]+)\}/g, (whole, before: string, name: string) => {
      const part = parts.get(name)
      return part === undefined ? `${before === '' ? '' : dollar}${whole}` : `${before}${pick(part, name)}`
    })
  const variables = [...parts.values()].flatMap((part) => part.variables)
  const missing = [...parts].flatMap(([name, part]) => (part.actual === undefined ? [variableName(spot.connector, name)] : []))
  return {
    written: put((part, name) => (typeof part.written === 'string' ? part.written : `\${${variableName(spot.connector, name)}}`), '$'),
    ...(missing.length === 0 && { actual: put((part) => part.actual as string, '') }),
    missing,
    variables,
  }
}

function meaningOf({ description, placeholder, choices }: JsonObject): string {
  const words = [
    typeof description === 'string' ? oneLine(description) : '',
    Array.isArray(choices) && choices.length > 0 ? `one of ${choices.map(String).join(', ')}` : '',
    typeof placeholder === 'string' && placeholder !== '' ? `for example ${oneLine(placeholder)}` : '',
  ].filter((text) => text !== '')
  return words.join('; ')
}
