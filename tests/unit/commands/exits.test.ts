import { expect, test } from 'vitest'
import { CommandError, describeError, exits } from '../../../runtime/commands/exits.ts'
import { HubError } from '../../../runtime/contract/errors.ts'

test.each([
  { error: new HubError('HUB_TOOL_UNKNOWN', 'no tool "x"'), exit: exits.tool, text: 'HUB_TOOL_UNKNOWN: no tool "x"' },
  { error: new HubError('HUB_UNAUTHENTICATED', 'who'), exit: exits.auth, text: 'HUB_UNAUTHENTICATED: who' },
  { error: new HubError('HUB_STORE_LOCKED', 'held'), exit: exits.problems, text: 'HUB_STORE_LOCKED: held' },
  {
    error: new HubError('HUB_CONFIG_TYPE', 'a.yaml:1:1  HUB_CONFIG_TYPE  no', { problems: [] }),
    exit: exits.problems,
    text: 'a.yaml:1:1  HUB_CONFIG_TYPE  no',
  },
  { error: new CommandError(exits.usage, 'not so', ['but so']), exit: exits.usage, text: 'not so\n  but so' },
])('$text is exit $exit', ({ error, exit, text }) => {
  expect(describeError(error)).toEqual({ exit, text })
})

test('a fault nobody thought of keeps its stack, for whoever reports it', () => {
  expect(describeError(new Error('boom'))).toMatchObject({
    exit: exits.problems,
    text: expect.stringMatching(/the hub failed inside: Error: boom\n +at /) as string,
  })
})
