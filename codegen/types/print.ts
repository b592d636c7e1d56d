import { docComment } from './comment.ts'
import { quoted } from './literals.ts'
import type { Declaration, Member, Shape } from './shape.ts'

/**
 * A schema in the dialect of json-schema-to-typescript. No text of a schema's author is in it but comments: names it might trip over are numbers, values and references are types written
 * out. `true` holds the place of a property that is put in afterwards: the library goes over each schema thirty times.
 */
interface Written {
  title?: string
  tsType?: string
  type?: 'object' | 'array'
  properties?: Record<string, Written | true>
  required?: string[]
  additionalProperties?: boolean | Written
  items?: Written
  anyOf?: Written[]
  allOf?: Written[]
  description?: string
  deprecated?: boolean
}

/** A property under a number. */
interface Slot {
  readonly member: Member
  /** True where the whole property is put in, and not its name alone. */
  readonly isLeaf: boolean
}

const options = { format: false, bannerComment: '', additionalProperties: false }

/** Declarations as TypeScript, in their order, each exported. The library is loaded when it is first needed; what is declared twice is printed once. */
export async function printDeclarations(declarations: readonly Declaration[]): Promise<readonly string[]> {
  if (declarations.length === 0) return []
  const { compile } = await import('json-schema-to-typescript')
  const slots: Slot[] = []
  const titles = new Map<string, string>()
  const properties: Record<string, object> = {}
  const printed = declarations.map(({ name, shape }) => {
    const { doc: _doc, deprecated: _deprecated, ...bare } = shape
    const key = JSON.stringify(bare)
    const title = titles.get(key) ?? `T${titles.size}`
    if (!titles.has(key)) properties[title] = { title, ...written(bare, slots) }
    titles.set(key, title)
    return { name, doc: docComment(docOf(shape)), title }
  })
  const bodies = bodiesOf(await compile({ type: 'object', properties }, 'Whole', options))
  return printed.map(({ name, doc, title }) => {
    const body = bodies.get(title)
    if (body === undefined) throw new Error(`json-schema-to-typescript left out the type ${name}`)
    const head = body.kind === 'type' ? `export type ${name} = ` : `export interface ${name} `
    return `${doc}${head}${tidy(body.lines, slots)}`
  })
}

const docOf = ({ doc = '', deprecated }: Shape): string => (deprecated === true ? `${doc}\n@deprecated` : doc)

const plainName = /^[A-Za-z_][A-Za-z0-9_]*$/
const isPlain = (name: string): boolean => plainName.test(name) && !(name in Object.prototype)

function written(shape: Shape, slots: Slot[]): Written {
  return { ...form(shape, slots), ...(shape.doc === undefined ? {} : { description: shape.doc }), ...(shape.deprecated === true ? { deprecated: true } : {}) }
}

function form(shape: Shape, slots: Slot[]): Written {
  switch (shape.form) {
    case 'text':
      return { tsType: shape.text }
    case 'array':
      return { type: 'array', items: written(shape.items, slots) }
    case 'union':
      return { anyOf: shape.of.map((part) => written(part, slots)) }
    case 'intersection':
      return { allOf: shape.of.map((part) => written(part, slots)) }
    case 'object': {
      const { members, index } = shape
      const keyed = members.map((member) => propertyOf(member, index === undefined, slots))
      return {
        type: 'object',
        properties: Object.fromEntries(keyed.map(({ key, value }) => [key, value])),
        required: keyed.filter((_, at) => members[at]?.isRequired).map(({ key }) => key),
        additionalProperties: index === undefined ? false : written(index, slots),
      }
    }
  }
}

/** A property under its name or, where the library must not see that or need not see the rest, under the number of its slot. An index signature is made of the types beside it, so it must see those. */
function propertyOf(member: Member, isAlone: boolean, slots: Slot[]): { readonly key: string; readonly value: Written | true } {
  const isLeaf = isAlone && member.shape.form === 'text'
  const value = isLeaf || written(member.shape, slots)
  if (!isLeaf && isPlain(member.name)) return { key: member.name, value }
  slots.push({ member, isLeaf })
  return { key: `$${slots.length - 1}$`, value }
}

interface Body {
  readonly kind: string
  readonly lines: readonly string[]
}

const head = /^export (interface|type) (\w+) (?:= )?([^]*)$/

/** What was written of each name, without the comment before it. */
function bodiesOf(printed: string): ReadonlyMap<string, Body> {
  const bodies = new Map<string, Body>()
  let lines: string[] = []
  for (const line of printed.split('\n')) {
    const [, kind, name, rest] = head.exec(line) ?? []
    if (kind !== undefined && name !== undefined) {
      lines = [rest ?? '']
      bodies.set(name, { kind, lines })
    } else lines.push(line)
  }
  for (const body of bodies.values()) trimEnd(body.lines as string[])
  return bodies
}

function trimEnd(lines: string[]): void {
  const isBlank = (line: string | undefined): boolean => line !== undefined && line.trim() === ''
  while (isBlank(lines.at(-1))) lines.pop()
  if (lines.at(-1) !== ' */') return
  lines.splice(lines.lastIndexOf('/**'))
  while (isBlank(lines.at(-1))) lines.pop()
}

const slotted = /^\$(\d+)\$(\??): ([^]*)$/

/** Lines as the library writes them, indented by their braces, blank ones left out, slots filled. Comments stay as they are. */
function tidy(lines: readonly string[], slots: readonly Slot[]): string {
  let depth = 0
  let isComment = false
  const out: string[] = []
  for (const line of lines) {
    const indent = '  '.repeat(depth)
    if (isComment || line === '/**') {
      isComment = line !== ' */'
      out.push(`${indent}${line}`.trimEnd())
      continue
    }
    if (line.trim() === '') continue
    if (line.startsWith('}')) depth -= 1
    out.push(`${'  '.repeat(depth)}${filled(line, slots, depth * 2)}`)
    if (line.endsWith('{')) depth += 1
  }
  return shortComments(out.join('\n'))
}

function filled(line: string, slots: readonly Slot[], indent: number): string {
  const [, number, optional = '', type = ''] = slotted.exec(line) ?? []
  const slot = slots[Number(number)]
  if (slot === undefined) return line
  const { name, shape } = slot.member
  const key = `${isPlain(name) ? name : quoted(name)}${optional}`
  if (!slot.isLeaf || shape.form !== 'text') return `${key}: ${type}`
  return `${docComment(docOf(shape), indent).trimStart()}${shape.doc === undefined && shape.deprecated !== true ? '' : ' '.repeat(indent)}${key}: ${shape.text}`
}

const shortComments = (text: string): string => text.replace(/^( *)\/\*\*\n *\* ((?!@).*)\n *\*\/$/gm, '$1/** $2 */')
