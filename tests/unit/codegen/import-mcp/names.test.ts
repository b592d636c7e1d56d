import fc from 'fast-check'
import { expect, test } from 'vitest'
import { localNames } from '../../../../codegen/import-mcp/names.ts'

const long = 'a_tool_whose_name_goes_on_and_on_until_no_client_would_take_it_any_more'

test('a name that fits stays as it is', () => {
  expect(localNames('redis', ['get', 'set-all'])).toEqual([
    { original: 'get', local: 'get' },
    { original: 'set-all', local: 'set-all' },
  ])
})

test('a name that is too long with its prefix is cut and ends in a hash of the whole', () => {
  const [first, second] = localNames('redis', [`${long}_1`, `${long}_2`])
  expect(`redis_${first?.local}`).toHaveLength(60)
  expect(first?.local).toMatch(/^a_tool_whose_name_goes_on_.*_[0-9a-f]{8}$/)
  expect(first?.local).not.toBe(second?.local)
  expect(first?.because).toMatch(/longer than 60/)
})

test('a shortened name does not change when the server gets another tool', () => {
  const alone = localNames('redis', [long])[0]?.local
  expect(localNames('redis', ['get', `${long}_more`, long])[2]?.local).toBe(alone)
})

test('characters clients refuse are replaced, and two names that become one are told apart', () => {
  const names = localNames('git', ['admin.users/list', 'a.b', 'a_b', 'ünïcode'])
  expect(names.map(({ local }) => local)).toEqual(['admin_users_list', expect.stringMatching(/^a_b_[0-9a-f]{8}$/), 'a_b', 'n_code'])
  expect(names[0]?.because).toMatch(/letters, digits/)
  expect(names[2]?.because).toBeUndefined()
})

test('whatever a server calls its tools, the names are unique and fit every client', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 90 }), { maxLength: 30 }), (originals) => {
      const names = localNames('connector', originals).map(({ local }) => `connector_${local}`)
      return new Set(names).size === originals.length && names.every((name) => /^[a-zA-Z0-9_-]{1,60}$/.test(name))
    }),
  )
})
