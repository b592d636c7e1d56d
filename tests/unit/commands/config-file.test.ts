import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findConfigFile } from '../../../runtime/commands/config-file.ts'

const home = realpathSync(mkdtempSync(join(tmpdir(), 'hub-config-')))
const deep = join(home, 'hub', 'connectors', 'http')
mkdirSync(deep, { recursive: true })
writeFileSync(join(home, 'hub', 'hub.config.yaml'), 'hub: { name: here }\n')
afterAll(() => rmSync(home, { recursive: true }))

test('the configuration is found from a folder below it', () => {
  expect(findConfigFile(undefined, deep)).toBe(join(home, 'hub', 'hub.config.yaml'))
})

test('a given path counts from here', () => {
  expect(findConfigFile('../hub.config.yaml', join(home, 'hub', 'connectors'))).toBe(join(home, 'hub', 'hub.config.yaml'))
})

test('a path that leads nowhere is wrong usage', () => {
  expect(() => findConfigFile('nowhere.yaml', home)).toThrow(expect.objectContaining({ exit: 2, message: 'nowhere.yaml is not there' }))
})

test('a folder without a hub says where to go', () => {
  expect(() => findConfigFile(undefined, home)).toThrow(expect.objectContaining({ exit: 2, wayOn: [expect.stringContaining('--config')] }))
})
