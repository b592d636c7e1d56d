/** A type as TypeScript can say it: what is left of a schema once references have names and keywords without a type are gone. */
export type Shape = (
  | { readonly form: 'text'; readonly text: string }
  | { readonly form: 'object'; readonly members: readonly Member[]; readonly index?: Shape }
  | { readonly form: 'array'; readonly items: Shape }
  | { readonly form: 'union' | 'intersection'; readonly of: readonly Shape[] }
) & { readonly doc?: string; readonly deprecated?: boolean }

/** One property. */
export interface Member {
  readonly name: string
  readonly isRequired: boolean
  readonly shape: Shape
}

/** A type with a name of its own. */
export interface Declaration {
  readonly name: string
  readonly shape: Shape
}

/** A type written out. Whoever writes it makes sure that it stands alone in any place: unions in parentheses. */
export const text = (written: string): Shape => ({ form: 'text', text: written })

export const unknownShape: Shape = text('unknown')
export const neverShape: Shape = text('never')

const isText = (shape: Shape, written: string): boolean => shape.form === 'text' && shape.text === written

/** True for the shape of a schema that says nothing of its values. */
export const isUnknown = (shape: Shape): boolean => isText(shape, 'unknown')

/** Any of these. */
export function unionOf(shapes: readonly Shape[]): Shape {
  if (shapes.some(isUnknown)) return unknownShape
  const some = shapes.filter((shape) => !isText(shape, 'never'))
  return some.length === 0 ? neverShape : some.length === 1 ? (some[0] as Shape) : { form: 'union', of: some }
}

type Sort = 'object' | 'array' | 'other'

/** What sorts of values have this shape. A type by name may be any. */
function sortsOf(shape: Shape): readonly Sort[] {
  switch (shape.form) {
    case 'object':
    case 'array':
      return [shape.form]
    case 'union':
      return shape.of.flatMap(sortsOf)
    case 'intersection':
      return shape.of.map(sortsOf).toSorted((one, other) => one.length - other.length)[0] ?? []
    case 'text':
      if (shape.text.startsWith('{') || shape.text === 'object') return ['object']
      if (shape.text.startsWith('[')) return ['array']
      return /^[A-Z_$]/.test(shape.text) ? ['object', 'array', 'other'] : ['other']
  }
}

const isArray = (shape: Shape): boolean => sortsOf(shape).every((sort) => sort === 'array')
const isAnyArray = (shape: Shape): boolean => shape.form === 'array' && isUnknown(shape.items)

/** All of these. TypeScript makes little of two arrays in one, and may go in circles over tuples: the first that says something stands for all. */
export function intersectionOf(shapes: readonly Shape[]): Shape {
  const said = shapes.filter((shape) => !isUnknown(shape))
  const sorts = said.map((shape) => new Set(sortsOf(shape)))
  const isPossible = (['object', 'array', 'other'] as const).some((sort) => sorts.every((some) => some.has(sort)))
  if (said.some((shape) => isText(shape, 'never')) || !isPossible) return neverShape
  const arrays = said.filter(isArray)
  const kept = arrays.find((shape) => !isAnyArray(shape)) ?? arrays[0]
  const some = kept === undefined ? said : [kept]
  return some.length === 0 ? unknownShape : some.length === 1 ? (some[0] as Shape) : { form: 'intersection', of: some }
}
