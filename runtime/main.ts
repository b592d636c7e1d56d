import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Compiled once and kept below the package's own folder: a start then costs half. Where that cannot be written the hub starts without.
enableCompileCache(fileURLToPath(new URL('../.hub/compiled', import.meta.url)))

const { run } = await import('./commands/program.ts')
process.exitCode = await run(process.argv)
