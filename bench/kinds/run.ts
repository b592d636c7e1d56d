import { kindBenches } from './index.ts'
import { measureKind, type KindResult } from './measure.ts'
import type { Pace } from './slices.ts'

/** From the process that measures one kind: what it is at, and at last what it found. */
export type FromRun = { readonly say: string } | { readonly result: KindResult }

// One kind in a process of its own: no other kind's driver is in its memory. Its kind and pace come as arguments.
const [kind = '', pace = '{}'] = process.argv.slice(2)
const tell = (message: FromRun): Promise<void> => new Promise((resolve) => process.send?.(message, () => resolve()))

async function run(): Promise<KindResult> {
  const entry = kindBenches.find((one) => one.kind === kind)
  if (entry === undefined) throw new Error(`there is no bench of kind ${kind}`)
  return measureKind(await entry.load(), JSON.parse(pace) as Pace, (line) => void tell({ say: line }))
}

const result = await run().catch((error: unknown): KindResult => ({
  kind,
  what: '',
  failed: error instanceof Error ? error.message : String(error),
  compared: [],
}))
await tell({ result })
process.disconnect()
