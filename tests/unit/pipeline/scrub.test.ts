import { describe, expect, test } from 'vitest'
import type { Answer } from '../../../runtime/contract/answer.ts'
import type { Run } from '../../../runtime/contract/call.ts'
import { rawNumber } from '../../../runtime/contract/json.ts'
import type { Exchange } from '../../../runtime/pipeline/call.ts'
import { connector, tool } from '../../fixtures/plan.ts'
import { openCorridor } from './corridor.ts'

const secret = 't0ps3cr"et/+Wörd&'

/** Calls one tool and collects all its caller hears, meanwhile and at the end. */
async function heardOf(act: (run: Run) => Promise<Answer> | Answer, bytes = 10_000, hidden = secret) {
  const said: unknown[] = []
  const exchange: Exchange = {
    progress: (...words) => void said.push(words),
    log: (...words) => void said.push(words),
    ask: async (question) => (said.push(question), { action: 'decline' }),
  }
  const spec = tool('m', 't', { policy: { result: { rows: 10, bytes } } })
  const corridor = openCorridor([connector('m', { tools: [spec] })], { t: (_args, run) => act(run) })
  corridor.secrets.protect(hidden)
  const { polished, error } = await corridor.call('m_t', {}, { exchange })
  if (!polished) throw error ?? new Error('no answer')
  return { said, answer: polished.answer, text: JSON.stringify([said, polished]) }
}

const done: Answer = { type: 'content', content: [] }

describe('a secret', () => {
  test('is out of every part of an answer in content', async () => {
    const { answer, text } = await heardOf(() => ({
      type: 'content',
      content: [{ type: 'text', text: `it is ${secret}`, annotations: { [secret]: 1 } }],
      structured: { key: [secret] },
      meta: { trace: { of: secret }, big: rawNumber('9007199254740993') },
    }))
    expect(answer).toEqual({
      type: 'content',
      content: [{ type: 'text', text: 'it is [secret]', annotations: { '[secret]': 1 } }],
      structured: { key: ['[secret]'] },
      meta: { trace: { of: '[secret]' }, big: rawNumber('9007199254740993') },
    })
    expect(text).not.toContain('t0ps')
  })

  test('is out of a text that is JSON itself, even with JSON in it', async () => {
    const { text } = await heardOf(() => ({
      type: 'content',
      content: [JSON.stringify({ key: secret }), JSON.stringify({ line: JSON.stringify({ key: secret }) })].map((json) => ({ type: 'text', text: json })),
    }))
    expect(text).not.toContain('t0ps')
  })

  test('is out of what the caller hears while the call runs', async () => {
    const { said, text } = await heardOf(async (run) => {
      run.progress(1, 2, `prog ${secret}`)
      run.progress(2)
      run.log('info', { of: [`log ${secret}`] }, `logger ${secret}`)
      await run.ask({ method: 'elicitation/create', params: { message: `ask ${secret}`, requestedSchema: { type: 'object', properties: {} } } })
      return done
    })
    expect(said).toEqual([
      [1, 2, 'prog [secret]'],
      [2, undefined, undefined],
      ['info', { of: ['log [secret]'] }, 'logger [secret]'],
      { method: 'elicitation/create', params: { message: 'ask [secret]', requestedSchema: { type: 'object', properties: {} } } },
    ])
    expect(text).not.toContain('t0ps')
  })

  test('is out of questions that are an answer, whose state goes back as it came', async () => {
    const requests = { a: { method: 'elicitation/create', params: { message: `ask ${secret}` } } }
    const { answer } = await heardOf(() => ({ type: 'input', requests, state: secret }))
    expect(answer).toEqual({ type: 'input', requests: { a: { method: 'elicitation/create', params: { message: 'ask [secret]' } } }, state: secret })
  })

  test('of digits is out of numbers too', async () => {
    const { said, answer } = await heardOf(
      (run) => {
        run.log('info', { pin: 12345678, n: 1 })
        return { type: 'content', content: [], structured: { pin: 12345678, n: 1 } }
      },
      10_000,
      '12345678',
    )
    expect(said).toEqual([['info', { pin: '[secret]', n: 1 }, undefined]])
    expect(answer).toMatchObject({ structured: { pin: '[secret]', n: 1 } })
  })

  test('that the cut of a long text would go through leaves no part of it', async () => {
    const bytes = 1_000
    for (let before = bytes - 140; before < bytes - 90; before++) {
      const content = [{ type: 'text', text: `${'x'.repeat(before)}${secret}${'y'.repeat(500)}` }]
      const { answer, text } = await heardOf(() => ({ type: 'content', content }), bytes)
      expect(answer).toMatchObject({ content: [{}, { text: expect.stringContaining('truncated') }] })
      expect(text).not.toContain('t0')
    }
  })
})

test('what holds no secret is told as it is, untouched', async () => {
  const data = { of: ['words'] }
  const meta = { a: 1 }
  const { said, answer } = await heardOf((run) => {
    run.log('info', data)
    return { type: 'content', content: [], meta }
  })
  expect((said[0] as unknown[])[1]).toBe(data)
  expect(answer).toMatchObject({ meta })
})
