import { expect, test } from 'vitest'
import { findFaults } from '../../../../runtime/kinds/timescale/bisect.ts'

const plenty = { faults: 100, attempts: 1_000 }

async function search(count: number, bad: readonly number[], bounds = plenty) {
  const written: number[] = []
  let attempts = 0
  const attempt = (from: number, to: number): Promise<string | undefined> => {
    attempts += 1
    const found = bad.find((index) => index >= from && index < to)
    if (found === undefined) for (let index = from; index < to; index += 1) written.push(index)
    return Promise.resolve(found === undefined ? undefined : `bad ${found}`)
  }
  return { ...(await findFaults(count, attempt, bounds)), written, attempts }
}

test.each([
  { name: 'none of many', count: 1_000, bad: [] },
  { name: 'the first and the last', count: 1_000, bad: [0, 999] },
  { name: 'all of a few', count: 5, bad: [0, 1, 2, 3, 4] },
  { name: 'the only one', count: 1, bad: [0] },
])('finds $name, and everything else is written once, in order', async ({ count, bad }) => {
  const { faults, isWhole, written, attempts } = await search(count, bad)
  expect(faults).toEqual(bad.map((index) => ({ index, why: `bad ${index}` })))
  expect(isWhole).toBe(true)
  expect(written).toEqual([...Array(count).keys()].filter((index) => !bad.includes(index)))
  expect(attempts).toBeLessThanOrEqual(1 + bad.length * 2 * Math.ceil(Math.log2(count + 1)))
})

test('stops at its bounds and says so', async () => {
  expect(await search(1_000, [...Array(1_000).keys()], { faults: 20, attempts: 400 })).toMatchObject({ isWhole: false, faults: { length: 20 } })
  expect(await search(1_000, [999], { faults: 20, attempts: 3 })).toMatchObject({ isWhole: false, faults: [] })
})
