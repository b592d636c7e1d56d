import { join } from 'node:path'
import { describe } from 'vitest'
import { importServerJson } from '../../../codegen/import-server-json.ts'
import { testCases } from './case.ts'

describe('what is written of a server.json', () => {
  testCases(join(import.meta.dirname, 'server-json'), ({ options, files }, directory) =>
    importServerJson({ env: {}, offline: true, ...options, location: join(directory, [...files.keys()][0] as string) }))
})
