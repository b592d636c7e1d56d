import { expect, test } from 'vitest'
import { HubError } from '../../../runtime/contract/errors.ts'
import { createFlights, type Flights, type Follow, type Lead } from '../../../runtime/cache/flight.ts'

function lead<Value>(flights: Flights<Value>, key: string): Lead<Value> {
  const joined = flights.join(key)
  if (!joined.leader) throw new Error('a follower')
  return joined
}

function follow<Value>(flights: Flights<Value>, key: string): Follow<Value> {
  const joined = flights.join(key)
  if (joined.leader) throw new Error('a leader')
  return joined
}

test('one works and all who asked meanwhile get its value', async () => {
  const flights = createFlights<number>()
  const leader = lead(flights, 'a')
  const followers = [follow(flights, 'a'), follow(flights, 'a')]
  lead(flights, 'b').settle({ value: 0 })
  leader.settle({ value: 7 })
  leader.settle({ value: 8 })
  expect(await Promise.all(followers.map(({ wait }) => wait))).toEqual([
    { leader: false, value: 7 },
    { leader: false, value: 7 },
  ])
  expect(flights.size).toBe(0)
})

test('a failure of the work is everyone’s', async () => {
  const flights = createFlights<number>()
  const leader = lead(flights, 'a')
  const follower = follow(flights, 'a')
  const error = new HubError('HUB_QUERY_FAILED', 'no such column')
  leader.settle({ error })
  await expect(follower.wait).rejects.toBe(error)
  expect(flights.size).toBe(0)
})

test.each(['HUB_CANCELLED', 'HUB_TIMEOUT'] as const)('a leader that ends with %s hands the lead to the next, one after another', async (code) => {
  const flights = createFlights<number>()
  const leader = lead(flights, 'a')
  const [second, third] = [follow(flights, 'a'), follow(flights, 'a')]
  leader.settle({ error: new HubError(code, 'gone') })
  const next = await second.wait
  if (!next.leader) throw new Error('still a follower')
  const late = follow(flights, 'a')
  next.settle({ value: 1 })
  expect([await third.wait, await late.wait]).toEqual([
    { leader: false, value: 1 },
    { leader: false, value: 1 },
  ])
  expect(flights.size).toBe(0)
})

test('the lead is not handed to one who left', async () => {
  const flights = createFlights<number>()
  const leader = lead(flights, 'a')
  const [gone, here] = [follow(flights, 'a'), follow(flights, 'a')]
  gone.leave()
  leader.settle({ error: new HubError('HUB_CANCELLED', 'gone') })
  expect((await here.wait).leader).toBe(true)
})

test('a leader that is cancelled alone leaves nothing behind', () => {
  const flights = createFlights<number>()
  lead(flights, 'a').settle({ error: new HubError('HUB_CANCELLED', 'gone') })
  expect(flights.size).toBe(0)
  expect(flights.join('a').leader).toBe(true)
})

test('a failure nobody waits for any more is no fault of the process', async () => {
  const flights = createFlights<number>()
  const leader = lead(flights, 'a')
  const follower = follow(flights, 'a')
  leader.settle({ error: new Error('broken') })
  follower.leave()
  // An unhandled rejection would fail the run by now.
  await new Promise((resolve) => setImmediate(resolve))
  expect(flights.size).toBe(0)
})

test('beyond the bounds each does its own work', () => {
  const flights = createFlights<number>()
  for (let key = 0; key < 10_000; key++) lead(flights, String(key))
  const alone = [lead(flights, 'more'), lead(flights, 'more')]
  for (const one of alone) one.settle({ value: 1 })
  expect(flights.size).toBe(10_000)
})
