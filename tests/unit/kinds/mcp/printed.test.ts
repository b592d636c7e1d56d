import { expect, test } from 'vitest'
import type { Logger } from '../../../../runtime/contract/telemetry.ts'
import { Printed } from '../../../../runtime/kinds/mcp/printed.ts'

test('what a child prints is logged scrubbed, no more than so much of it, and its last errors are kept', () => {
  const logged: unknown[] = []
  const write = (message: string, fields?: Readonly<Record<string, unknown>>): void => void logged.push([message, fields?.line])
  const log: Logger = { debug: write, info: write, warn: write, error: write, child: () => log }
  const printed = new Printed(log, (text) => text.replaceAll('hunter2', '[secret]'))
  printed.take('stdout', 'Listening with hunter2\n')
  printed.take('stderr', '  \n')
  for (let line = 1; line <= 100; line++) printed.take('stderr', `error ${line}`)
  expect(logged[0]).toEqual(['upstream printed text where only messages belong; it was skipped', 'Listening with [secret]'])
  expect(logged).toHaveLength(40)
  expect(printed.tail).toBe('error 96 | error 97 | error 98 | error 99 | error 100')
})
