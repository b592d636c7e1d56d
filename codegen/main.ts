import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { kinds } from '../runtime/kinds/index.ts'
import { formatProblems } from '../runtime/manifest/problems.ts'
import { driftProblem, findDrift } from './drift.ts'
import { emit } from './emit.ts'
import { errorsPage } from './errors-page.ts'
import { createGenerate } from './generate.ts'
import { checkMade, writeMade } from './write.ts'

// What `hub generate` makes of this repository's own manifests, without trusting its record of the last time (an emitter may have changed), and the page of errors.
const root = resolve(import.meta.dirname, '..')
const out = join(root, 'generated')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
const pages = [{ path: 'docs/errors.md', content: errorsPage() }]
const [option, ...others] = process.argv.slice(2)

if (others.length > 0 || (option !== undefined && option !== '--check')) {
  process.stderr.write('usage: node codegen/main.ts [--check]\n')
  process.exitCode = 2
} else {
  const { compiled, made } = await createGenerate({ configFile: join(root, 'hub.config.yaml'), kinds, version, out })({ fresh: true })
  if (made === undefined) {
    process.stderr.write(`${formatProblems(compiled.problems)}\n`)
    process.exitCode = 1
  } else if (option === '--check') {
    const ofPages = findDrift(root, pages).map((drift) => driftProblem(drift, drift.path, 'runtime/contract/errors.ts'))
    const problems = [...checkMade(out, 'generated', made), ...ofPages]
    if (problems.length > 0) process.stderr.write(`${formatProblems(problems)}\n`)
    process.stdout.write(
      problems.length === 0
        ? `${made.outputs.length + pages.length} generated files are as they should be\n`
        : 'run npm run codegen, and commit what it wrote\n',
    )
    if (problems.length > 0) process.exitCode = 1
  } else {
    const { written, removed, files } = writeMade(out, made)
    const lines = [
      ...written.map((path) => `wrote generated/${path}`),
      ...emit(root, pages).map((path) => `wrote ${path}`),
      ...removed.map((path) => `removed generated/${path}`),
    ]
    process.stdout.write(lines.length === 0 ? `${files + pages.length} generated files were as they should be\n` : `${lines.join('\n')}\n`)
  }
}
