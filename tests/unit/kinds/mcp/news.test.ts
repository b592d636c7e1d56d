import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ExtrasEvent } from '../../../../runtime/contract/kind.ts'
import { News } from '../../../../runtime/kinds/mcp/news.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function heard(): { news: News; acted: ExtrasEvent[]; told: ExtrasEvent[] } {
  const acted: ExtrasEvent[] = []
  const told: ExtrasEvent[] = []
  const news = new News((event) => acted.push(event))
  news.listen((event) => told.push(event))
  return { news, acted, told }
}

test('a storm of one sort is told at once, and once a second while it lasts', () => {
  const { news, acted, told } = heard()
  for (let event = 0; event < 3_000; event++) news.tell({ type: 'tools' })
  expect(told).toEqual([{ type: 'tools' }])
  vi.advanceTimersByTime(1_000)
  expect(told).toHaveLength(2)
  news.tell({ type: 'tools' })
  vi.advanceTimersByTime(10_000)
  expect(told).toHaveLength(3)
  expect(acted).toEqual(told)
})

test('other sorts, logs and single resources are not held back by it', () => {
  const { news, told } = heard()
  const events: ExtrasEvent[] = [{ type: 'tools' }, { type: 'prompts' }, { type: 'resources' }]
  const each: ExtrasEvent[] = [
    { type: 'log', level: 'info', data: 1 },
    { type: 'updated', uri: 'a://b' },
  ]
  for (const event of [...events, ...each, ...each]) news.tell(event)
  expect(told).toEqual([...events, ...each, ...each])
})

test('after close nobody is told, and no timer is left', () => {
  const { news, told } = heard()
  news.tell({ type: 'tools' })
  news.tell({ type: 'tools' })
  news.close()
  expect(vi.getTimerCount()).toBe(0)
  expect(told).toHaveLength(1)
})
