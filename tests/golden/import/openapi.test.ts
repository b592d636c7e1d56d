import { globSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importOpenapi } from '../../../codegen/import-openapi.ts'
import { used } from '../../components/used.ts'
import { expectSound, testCases } from './case.ts'

const examples = join(import.meta.dirname, '../../../node_modules/@readme/oas-examples')

describe('what is written of an OpenAPI document', () => {
  testCases(join(import.meta.dirname, 'openapi'), ({ options, files }, directory) => importOpenapi({ ...options, location: join(directory, [...files.keys()][0] as string) }))
})

describe('documents of other people', () => {
  const documents = globSync('{2.0,3.0,3.1}/json/**/*.json', { cwd: examples }).toSorted()
  test('there are many', () => expect(documents.length).toBeGreaterThan(60))
  test.each(documents)('%s becomes a manifest that hub check takes, or says why not', async (document) => {
    used('@readme/oas-examples')
    const directory = await mkdtemp(join(tmpdir(), 'oas-'))
    try {
      const imported = importOpenapi({ location: join(examples, document), name: 'example', base: 'https://api.example.com' })
      if (/webhooks|title\.json$/.test(document)) return void (await expect(imported).rejects.toThrow('declares no operation'))
      const { manifest, tools } = await imported
      // These only upload files, as multipart.
      expect(tools > 0).toBe(!/file-uploads|schema-encoding-style/.test(document))
      await expectSound(directory, 'example', manifest)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})
