import { comparePlans } from '../../../codegen/plan/compare.ts'
import { failuresOf, type Gate } from '../../../codegen/plan/gate.ts'
import { renderMarkdown } from '../../../codegen/plan/markdown.ts'
import type { Report } from '../../../codegen/plan/report.ts'
import type { Snapshot } from '../../../codegen/plan/snapshot.ts'
import { renderText, type Paint } from '../../../codegen/plan/text.ts'
import { loadTokenizer } from '../../../codegen/plan/tokenizer.ts'
import { CommandError, exits } from '../exits.ts'
import { seenAgainst, seenInFolder } from './sides.ts'

/** A report, why it fails, and how it is printed. */
export interface Made {
  readonly report: Report
  readonly failures: readonly string[]
  render(format: 'text' | 'markdown', paint: Paint): string
}

/** Compares the manifests as they are with another side. */
export async function makeReport(configFile: string, options: Gate & { readonly against?: string }, key: string | undefined): Promise<Made> {
  const before = await seenAgainst(configFile, options.against, key)
  const after = await seenInFolder(configFile, 'the work tree')
  checkEndpoints(options, after)
  const report = comparePlans(before, after, await loadTokenizer())
  const failures = failuresOf(report, options)
  return { report, failures, render: (format, paint) => (format === 'markdown' ? renderMarkdown(report, failures) : renderText(report, failures, paint)) }
}

/** A bound of an endpoint that is not there would never be met. */
function checkEndpoints({ tokensMax, tokensGrowth }: Gate, { endpoints }: Snapshot): void {
  const paths = endpoints.map(({ path }) => path)
  const missing = [...tokensMax, ...tokensGrowth].find(({ endpoint }) => !paths.includes(endpoint))
  if (missing) throw new CommandError(exits.usage, `there is no endpoint ${missing.endpoint} to bound`, [`endpoints: ${paths.join(', ')}`])
}
