import { expect, test } from 'vitest'
import { HubError } from '../../../../runtime/contract/errors.ts'
import { failureOf } from '../../../../runtime/kinds/files/failures.ts'

const system = (code: string): Error => Object.assign(new Error(`${code}: something, open '/srv/secret/place'`), { code })

test.each([
  ['ENOSPC', 'HUB_UPSTREAM_FAILED', /disk .* is full/],
  ['EDQUOT', 'HUB_UPSTREAM_FAILED', /quota .* used up/],
  ['EROFS', 'HUB_UPSTREAM_FAILED', /read-only/],
  ['EACCES', 'HUB_UPSTREAM_FAILED', /operator gives the hub’s user the right/],
  ['EMFILE', 'HUB_UPSTREAM_FAILED', /ulimit/],
  ['EXDEV', 'HUB_UPSTREAM_FAILED', /different file systems/],
  ['ENOENT', 'HUB_UPSTREAM_FAILED', /went away/],
  ['ESTALE', 'HUB_CONNECTOR_DOWN', /does not answer/],
  ['EHOSTDOWN', 'HUB_CONNECTOR_DOWN', /try again in 1 s/],
  ['EWHATEVER', 'HUB_UPSTREAM_FAILED', /refused \(EWHATEVER\)/],
])('%s is told as %s', (code, expected, words) => {
  const error = failureOf(system(code)) as HubError
  expect(error).toMatchObject({ code: expected, message: expect.stringMatching(words) as string })
  expect(error.message + JSON.stringify(error.details)).not.toContain('/srv')
  if (expected === 'HUB_CONNECTOR_DOWN') expect(error.details.retryAfterMs).toBe(1_000)
})

test('what is no fault of the file system stays what it is', () => {
  const [own, bug] = [new HubError('HUB_DENIED', 'no'), new TypeError('x is not a function')]
  expect(failureOf(own)).toBe(own)
  expect(failureOf(bug)).toBe(bug)
  expect(failureOf('text')).toBe('text')
})
