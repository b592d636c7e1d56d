import { expect, test } from 'vitest'
import { atTurnEnd } from '../../../runtime/contract/turn.ts'

test('what waits for the end of a turn is done then, in order; what is added meanwhile waits for the next', async () => {
  const done: string[] = []
  atTurnEnd(() => {
    done.push('first')
    atTurnEnd(() => done.push('next turn'))
  })
  atTurnEnd(() => done.push('second'))
  await Promise.resolve()
  expect(done).toEqual([])
  await new Promise((resolve) => setImmediate(resolve))
  expect(done).toEqual(['first', 'second'])
  await new Promise((resolve) => setImmediate(resolve))
  expect(done).toEqual(['first', 'second', 'next turn'])
})
