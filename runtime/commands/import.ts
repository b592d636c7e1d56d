import type { Command } from 'commander'
import { addImportMcp } from './import/mcp.ts'
import { addImportOpenapi } from './import/openapi.ts'
import { addImportPostgres } from './import/postgres.ts'
import { addImportServerJson } from './import/server-json.ts'

/** `hub import …`: a manifest from something that exists, for review. */
export function addImport(program: Command, finish: (exit: number) => void): void {
  const group = program.command('import').description('write a manifest from something that exists')
  for (const add of [addImportMcp, addImportOpenapi, addImportPostgres, addImportServerJson]) add(group, finish)
}
