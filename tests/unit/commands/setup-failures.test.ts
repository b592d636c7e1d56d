import { expect, test } from 'vitest'

const { explainFailure } = (await import(new URL('../../../runtime/setup-failures.mjs', import.meta.url).href)) as {
  explainFailure(output: string): [what: string, wayOn: readonly string[]]
}

test.each([
  {
    said: 'npm error code ENOTFOUND\nnpm error request to https://packages.example/pg failed, reason: getaddrinfo ENOTFOUND',
    what: 'cannot reach its package registry',
  },
  { said: 'npm error code EAI_AGAIN', what: 'cannot reach its package registry' },
  { said: 'npm error code ENOSPC\nnpm error ENOSPC: no space left on device, write', what: 'the disk is full' },
  { said: 'npm error code SELF_SIGNED_CERT_IN_CHAIN', what: 'certificate' },
  { said: 'npm error code EACCES\nnpm error syscall mkdir', what: 'may not write here' },
  { said: 'npm error code E401', what: 'refuses this machine' },
  { said: 'npm error code EUSAGE\nnpm error `npm ci` can only install packages when … are in sync', what: 'do not fit together' },
  { said: 'npm ERR! code EINTEGRITY', what: 'damaged' },
])('npm’s "$said" is told as: $what', ({ said, what }) => {
  const [told, wayOn] = explainFailure(said)
  expect(told).toContain(what)
  expect(wayOn.length).toBeGreaterThan(1)
})

test('a failure nobody thought of shows what npm said', () => {
  expect(explainFailure('npm error code EWHAT\nnpm error something new')).toEqual([
    'npm could not install the packages',
    expect.arrayContaining(['npm error something new']),
  ])
})

test.each([
  'npm error A complete log of this run can be found in: /home/me/.npm/_logs/1-debug-0.log',
  'npm ERR! A complete log of this run can be found in:\nnpm ERR!     /home/me/.npm/_logs/1-debug-0.log',
])('the log that npm names is named however much else it said: %j', (named) => {
  const much = Array.from({ length: 20 }, (_, line) => `npm error line ${line}`).join('\n')
  const [, wayOn] = explainFailure(`${much}\n${named}\n`)
  expect(wayOn).toHaveLength(8)
  expect(wayOn).toContain('the whole log: /home/me/.npm/_logs/1-debug-0.log')
})
