import { expect, test } from 'vitest'
import type { JsonObject } from '../../../../runtime/contract/json.ts'
import { guessEffect } from '../../../../codegen/import-mcp/effect.ts'

const cases: readonly { readonly name: string; readonly annotations?: JsonObject; readonly effect: string; readonly from: RegExp }[] = [
  { name: 'get_user', effect: 'read', from: /"get" in its name/ },
  { name: 'listUpdates', effect: 'read', from: /"list"/ },
  { name: 'get-add-ons', effect: 'read', from: /"get"/ },
  { name: 'create_issue', effect: 'write', from: /"create"/ },
  { name: 'issue.update', effect: 'write', from: /"update"/ },
  { name: 'find_and_delete', effect: 'destroy', from: /"delete"/ },
  { name: 'FLUSHDB_flush', effect: 'destroy', from: /"flush"/ },
  { name: 'frobnicate', effect: 'write', from: /^nothing/ },
  { name: 'frobnicate', annotations: { readOnlyHint: true }, effect: 'read', from: /^readOnlyHint$/ },
  { name: 'frobnicate', annotations: { title: 'x' }, effect: 'write', from: /^nothing/ },
  { name: 'create_issue', annotations: { destructiveHint: false }, effect: 'write', from: /^destructiveHint: false$/ },
  { name: 'get_rid', annotations: { destructiveHint: true }, effect: 'destroy', from: /^destructiveHint$/ },
  { name: 'delete_all', annotations: { readOnlyHint: true }, effect: 'destroy', from: /"delete" in its name, although readOnlyHint says read/ },
  { name: 'send_mail', annotations: { readOnlyHint: true }, effect: 'write', from: /although readOnlyHint says read/ },
]

test.each(cases)('$name with $annotations is guessed to $effect', ({ name, annotations, effect, from }) => {
  const guess = guessEffect({ name, ...(annotations === undefined ? {} : { annotations }) })
  expect(guess.effect).toBe(effect)
  expect(guess.from).toMatch(from)
})
