import { describe, expect, test } from 'vitest'
import type { Answer } from '../../../runtime/contract/answer.ts'
import { parseJson, rawNumber, type Json, type JsonObject } from '../../../runtime/contract/json.ts'
import type { ToolSpec } from '../../../runtime/contract/tool.ts'
import { connector, tool } from '../../fixtures/plan.ts'
import { openCorridor } from './corridor.ts'

const input = { type: 'object', properties: { symbol: { type: 'string' }, limit: { type: 'integer' } } } as const

async function polished(answer: Answer, over: Parameters<typeof tool>[2] = {}, secret?: string) {
  const corridor = openCorridor([connector('m', { tools: [tool('m', 't', { input, ...over }) as ToolSpec] })], { t: () => answer })
  if (secret) corridor.secrets.protect(secret)
  const outcome = await corridor.call('m_t')
  if (!outcome.polished) throw outcome.error ?? new Error('no answer')
  return outcome.polished
}

const rows = (count: number): Json => Array.from({ length: count }, (_, index) => ({ index, text: 'x'.repeat(20) }))

describe('data', () => {
  test('rows beyond the bound are left out, and the note says how to narrow', async () => {
    const { answer, json } = await polished({ type: 'data', data: { rows: rows(5) } }, { policy: { result: { rows: 2, bytes: 10_000 } } })
    expect(JSON.parse(json as string)).toEqual({ rows: rows(2), truncated: true })
    expect(answer).toMatchObject({
      truncated: { by: 'rows', kept: 2, limit: 2 },
      notes: ['truncated: only the first 2 rows are here, the most this tool answers; narrow it with symbol, limit'],
    })
  })

  test('what a kind left out itself is told the same way', async () => {
    const { answer, json } = await polished({ type: 'data', data: { rows: rows(2) }, truncated: { by: 'rows', kept: 2, limit: 2 }, notes: ['a note'] })
    expect(JSON.parse(json as string).truncated).toBe(true)
    expect(answer).toMatchObject({ notes: ['a note', expect.stringContaining('only the first 2 rows')] })
  })

  test('bytes beyond the bound cost rows from the end', async () => {
    const { answer, json, bytes } = await polished(
      { type: 'data', data: { rows: rows(100), source: 'm' } },
      { policy: { result: { rows: 1_000, bytes: 500 } } },
    )
    expect(bytes).toBeLessThanOrEqual(500)
    const kept = JSON.parse(json as string) as { rows: unknown[]; source: string }
    expect(kept.source).toBe('m')
    expect(kept.rows).toEqual((rows(100) as Json[]).slice(0, kept.rows.length))
    expect(answer).toMatchObject({ truncated: { by: 'bytes', kept: kept.rows.length, limit: 500 } })
  })

  test('a bare list is cut as well; something without a list is replaced by its size', async () => {
    const list = await polished({ type: 'data', data: rows(100) }, { policy: { result: { rows: 1_000, bytes: 300 } } })
    expect((JSON.parse(list.json as string) as unknown[]).length).toBeLessThan(10)
    const text = await polished({ type: 'data', data: { text: 'x'.repeat(1_000) } }, { policy: { result: { rows: 1, bytes: 300 } } })
    expect(JSON.parse(text.json as string)).toEqual({ omitted: 'the answer is 1011 bytes and cannot be shortened', truncated: true })
    const bare = await polished({ type: 'data', data: 'x'.repeat(1_000) }, { input: { type: 'object' }, policy: { result: { rows: 1, bytes: 300 } } })
    expect(bare.answer).toMatchObject({ notes: [expect.stringContaining('ask for less')] })
  })

  test('a closed output schema gets no member it does not declare', async () => {
    const closed = { type: 'object', properties: { rows: { type: 'array' } }, additionalProperties: false } as const
    const over = { policy: { result: { rows: 1, bytes: 1_000 } } }
    expect(JSON.parse((await polished({ type: 'data', data: { rows: rows(2) } }, { ...over, output: closed })).json as string)).toEqual({ rows: rows(1) })
    const declared = { ...closed, properties: { ...closed.properties, truncated: { type: 'boolean' } } } as const
    expect(JSON.parse((await polished({ type: 'data', data: { rows: rows(2) } }, { ...over, output: declared })).json as string)).toEqual({
      rows: rows(1),
      truncated: true,
    })
  })

  test('protected values are scrubbed from data and notes, big numbers stay whole', async () => {
    const { json, answer } = await polished(
      { type: 'data', data: { url: 'postgres://u:hunter2-hunter2@h/db', id: rawNumber('9007199254740993') }, notes: ['hunter2-hunter2'] },
      {},
      'hunter2-hunter2',
    )
    expect(json).toBe('{"url":"postgres://u:[secret]@h/db","id":9007199254740993}')
    expect(answer).toMatchObject({ data: parseJson(json as string), notes: ['[secret]'] })
  })

  test('a number that holds a protected value becomes a text without it, and the rest stays as it was', async () => {
    const { json, answer } = await polished(
      {
        type: 'data',
        data: { rows: [{ pin: 12345678, big: rawNumber('91234567899007199254740993'), id: rawNumber('9007199254740993'), n: 1.5, a12345678: null }] },
      },
      {},
      '12345678',
    )
    expect(json).toBe('{"rows":[{"pin":"[secret]","big":"9[secret]99007199254740993","id":9007199254740993,"n":1.5,"a[secret]":null}]}')
    expect(answer).toMatchObject({ data: parseJson(json as string) })
  })
})

describe('content', () => {
  test('a block that does not fit is cut and the rest is told', async () => {
    const blocks: readonly JsonObject[] = [
      { type: 'text', text: 'short' },
      { type: 'text', text: 'é'.repeat(1_000) },
      { type: 'image', data: 'x' },
    ]
    const { answer, bytes } = await polished({ type: 'content', content: blocks, structured: { a: 1 } }, { policy: { result: { rows: 1, bytes: 700 } } })
    if (answer.type !== 'content') throw new Error('not content')
    expect(answer.content.length).toBe(3)
    expect(answer.content[0]).toEqual(blocks[0])
    expect(answer.content[1]?.['text']).toMatch(/^é+$/)
    expect(answer.content[2]?.['text']).toContain('truncated')
    expect(answer.structured).toEqual({ a: 1 })
    expect(bytes).toBeLessThan(1_000)
  })

  test('structured content that does not fit is left out', async () => {
    const { answer } = await polished(
      { type: 'content', content: [{ type: 'image', data: 'x'.repeat(2_000) }], structured: { a: 'x'.repeat(2_000) } },
      { policy: { result: { rows: 1, bytes: 700 } } },
    )
    expect(answer).toMatchObject({ structured: undefined, content: [{ type: 'text', text: expect.stringContaining('truncated') }] })
  })

  test('protected values are scrubbed', async () => {
    const { answer } = await polished({ type: 'content', content: [{ type: 'text', text: 'key is hunter2-hunter2' }] }, {}, 'hunter2-hunter2')
    expect(answer).toMatchObject({ content: [{ type: 'text', text: 'key is [secret]' }] })
  })

  test('a number that holds a protected value becomes a text without it in structured content too', async () => {
    const content = [{ type: 'text', text: 'the pin is 12345678' }]
    const { answer, json } = await polished(
      { type: 'content', content, structured: { pin: 12345678, ids: [rawNumber('9007199254740993'), true] } },
      {},
      '12345678',
    )
    expect(answer).toMatchObject({ content: [{ text: 'the pin is [secret]' }], structured: { pin: '[secret]', ids: [rawNumber('9007199254740993'), true] } })
    expect(parseJson(json as string)).toMatchObject({ structured: { pin: '[secret]' } })
  })
})
