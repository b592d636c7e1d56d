import { errorTable } from '../contract/errors.ts'
import type { JsonObject } from '../contract/json.ts'
import { valueTypes } from '../contract/tool-test.ts'
import { count, duration, fields, mapOf, sentence } from './policy-schema.ts'

const mostRows = 1_000_000

/** The codes a call may end with. */
const callCodes = Object.entries(errorTable)
  .filter(([code, { reader }]) => reader === 'model' || code === 'HUB_EGRESS_DENIED')
  .map(([code]) => code)

const rowsField: JsonObject = {
  title: 'number of rows, or a map of min and max',
  description: 'How many rows it answers: so many, or at least min and at most max.',
  anyOf: [
    { ...count(0, mostRows, 'Exactly so many.'), title: 'number of rows' },
    { ...fields('row range', { min: count(0, mostRows, 'The fewest.'), max: count(0, mostRows, 'The most.') }), minProperties: 1 },
  ],
}

const valueField: JsonObject = mapOf(
  {
    ...fields('value rule', {
      equals: { description: 'It is this value. Maps are compared without regard to order.' },
      matches: sentence('It is a text in which this regular expression is found.'),
      approx: { type: 'number', description: 'It is a number, or digits as text, no further from this one than `tolerance`.' },
      tolerance: { type: 'number', minimum: 0, description: 'How far from `approx` it may lie.' },
      contains: {
        description: 'It is a text with this part, a list with this element, or a map with these members; of an element that is a map, members will do.',
      },
      type: { enum: [...valueTypes], description: 'Its JSON type.' },
    }),
    minProperties: 1,
  },
  'What values of the answer must be, by place: a JSON pointer (`/rows/0/close`) or keys with dots (`rows.0.close`); the empty place is the whole answer.',
  { minProperties: 1 },
)

const expectField: JsonObject = {
  ...fields('expectation', {
    rows: rowsField,
    schema: { type: 'boolean', description: 'true: the answer fits the output schema in every word, formats too.' },
    value: valueField,
    text: sentence('A part of the answer’s text.'),
    golden: {
      type: 'boolean',
      description: 'true: the answer is the one kept in golden/<connector>.json beside this manifest; `hub test --update` writes it there.',
    },
    error: { enum: [...callCodes, 'tool'], description: 'It answers with this error instead; `tool`: with an answer that the tool itself marks as an error.' },
    message: sentence('A part of the error’s words.'),
    budget: duration('How long it may take. Told, and counted only with `hub test --budgets`.'),
  }),
  description: 'What must come of the call; all of it must hold. Empty: it answers.',
}

/** The field `tests:` of tools and resources. */
export const testsField: JsonObject = {
  type: 'array',
  description: 'Calls that show it works. `hub test` makes them, against the real system or against answers that were recorded. No ${NAME} is put in here.',
  items: fields(
    'test',
    {
      name: sentence('What it shows; unique among the tests beside it.'),
      args: { type: 'object', description: 'What it is called with, or what the holes of an address are filled with; none without it.' },
      expect: expectField,
    },
    ['name', 'expect'],
  ),
}
