import { resolve } from 'node:path'
import { kinds } from '../runtime/kinds/index.ts'
import { emit, findDrift } from './emit.ts'
import { outputsOf } from './outputs.ts'

const root = resolve(import.meta.dirname, '..')
const outputs = outputsOf(kinds)
const [option, ...others] = process.argv.slice(2)

if (others.length > 0 || (option !== undefined && option !== '--check')) {
  process.stderr.write('usage: node codegen/main.ts [--check]\n')
  process.exitCode = 2
} else if (option === '--check') {
  const drift = await findDrift(root, outputs)
  for (const { path, line, state } of drift)
    process.stderr.write(`${path}:${line}  HUB_CONFIG_DRIFT  ${state === 'missing' ? 'the file is not there' : 'the file is not what codegen writes'}\n`)
  process.stdout.write(drift.length === 0 ? `${outputs.length} generated files are as they should be\n` : `run npm run codegen, and commit what it wrote\n`)
  if (drift.length > 0) process.exitCode = 1
} else {
  const written = await emit(root, outputs)
  process.stdout.write(
    written.length === 0 ? `${outputs.length} generated files were as they should be\n` : `${written.map((path) => `wrote ${path}`).join('\n')}\n`,
  )
}
