import type { Answer } from '../../contract/answer.ts'
import type { Run } from '../../contract/call.ts'
import { parseJson, type Json } from '../../contract/json.ts'
import type { ToolPolicy } from '../../contract/tool.ts'
import { fitting, type Asked, type Memory } from './asked.ts'
import { checkWord, writerOf } from './names.ts'
import type { Analysis } from './store.ts'
import { iso, pageOf, placeOfPage, textOf, timeOf } from './values.ts'

function told({ id, symbol, timeframe, kind, at, recordedAt, expiresAt, by }: Analysis): { readonly [name: string]: Json } {
  const times = { at: iso(at), recordedAt: iso(recordedAt), expiresAt: iso(expiresAt) }
  return { id, symbol, ...(timeframe !== '' && { timeframe }), kind, ...times, by }
}

function word(asked: Asked, name: string): string | undefined {
  const text = asked.optional(name)
  return text === undefined ? undefined : checkWord(text, name)
}

/** append_analysis. */
export async function append({ store, settings }: Memory, asked: Asked, run: Run): Promise<Answer> {
  const { namespace, space } = asked.place(run, settings)
  const at = asked.optional('at')
  const { analysis, dropped } = await store.append(
    space,
    {
      symbol: checkWord(asked.text('symbol'), 'symbol'),
      timeframe: word(asked, 'timeframe') ?? '',
      kind: checkWord(asked.text('kind'), 'kind'),
      json: textOf(asked.value('body'), 'body', settings.bounds.valueBytes),
      by: writerOf(run.principal),
      at: at === undefined ? undefined : timeOf(at, 'at'),
    },
    run,
  )
  const gone = dropped === 0 ? [] : [`the history of ${namespace} is full: the ${dropped} oldest gave way to this one`]
  const notes = store.note === undefined ? gone : [...gone, store.note]
  return { type: 'data', data: { namespace, ...told(analysis), ...(dropped > 0 && { dropped }) }, ...(notes.length > 0 && { notes }) }
}

/** query_analyses. */
export async function query({ store, settings }: Memory, asked: Asked, run: Run, { result }: ToolPolicy): Promise<Answer> {
  const { namespace, space } = asked.place(run, settings)
  const [from, to, after] = ['from', 'to', 'after'].map((name) => asked.optional(name))
  const page = await store.query(
    space,
    {
      symbol: word(asked, 'symbol'),
      timeframe: word(asked, 'timeframe'),
      kind: word(asked, 'kind'),
      from: from === undefined ? undefined : timeOf(from, 'from'),
      to: to === undefined ? undefined : timeOf(to, 'to'),
      after: after === undefined ? undefined : placeOfPage(after),
      limit: asked.limit(result.rows, 20),
      bytes: result.bytes,
    },
    run,
  )
  const rows = fitting(
    page.analyses.map((analysis) => ({ ...told(analysis), body: parseJson(analysis.json) })),
    result.bytes,
  )
  const last = page.analyses[rows.length - 1]
  const isCut = page.more || rows.length < page.analyses.length
  return {
    type: 'data',
    data: { rows, ...(isCut && last !== undefined && { next: pageOf(last.at, last.id) }) },
    ...(rows.length === 0 && { notes: [`no analysis in ${namespace} fits`] }),
  }
}
