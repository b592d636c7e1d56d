import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { childEnvironment, resolveCommand } from '../../../../runtime/kinds/mcp/command.ts'

let folder = ''
let bin = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-command-'))
  bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const name of ['npx', 'uvx', 'pipx', 'plain']) program(join(bin, name))
  installed('one', { version: '1.2.3', bin: 'cli.js' })
  installed('@scope/several', { version: '2.0.0', bin: { several: 'main.js', other: 'other.js' } })
  installed('sole', { version: '1.0.0', bin: { strange: 'run.js' } })
  installed('none', { version: '1.0.0' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function program(path: string): void {
  writeFileSync(path, '#!/bin/sh\n')
  chmodSync(path, 0o755)
}
function installed(name: string, manifest: object): void {
  const home = join(folder, 'node_modules', name)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), JSON.stringify(manifest))
}
const only = (...names: string[]): Record<string, string> => {
  const place = mkdtempSync(join(folder, 'path-'))
  for (const name of names) program(join(place, name))
  return { PATH: place }
}
const npm = (name: string, version: string, more: object = {}): { package: { registry: 'npm'; name: string; version: string } } => ({
  package: { registry: 'npm', name, version, ...more },
})
const pypi = (more: object = {}): { package: { registry: 'pypi'; name: string; version: string } } => ({
  package: { registry: 'pypi', name: 'server', version: '0.5.1', ...more },
})

test('a child sees PATH, HOME, TMPDIR and LANG, the hub’s own Node first on the PATH, and what the manifest gives', () => {
  const env = childEnvironment({ OWN: 'x', LANG: 'de' }, { PATH: '/bin', HOME: '/home/h', LANG: 'C', SECRET: 's', NODE_OPTIONS: '--inspect' })
  expect(env).toEqual({ PATH: `${dirname(process.execPath)}:/bin`, HOME: '/home/h', LANG: 'de', OWN: 'x' })
})

describe('an npm package', () => {
  test.each([
    [npm('one', '1.2.3'), 'one/cli.js'],
    [npm('@scope/several', '2.0.0'), '@scope/several/main.js'],
    [npm('@scope/several', '2.0.0', { bin: 'other' }), '@scope/several/other.js'],
    [npm('sole', '1.0.0'), 'sole/run.js'],
  ])('installed at that version is run by the hub’s Node: %o', (config, path) => {
    const command = resolveCommand({ ...config, args: ['--flag'] }, join(folder, 'path-deep', 'deeper', '..', '..'), { PATH: bin })
    expect(command).toMatchObject({ file: process.execPath, args: [join(folder, 'node_modules', path), '--flag'], downloads: false })
  })

  test.each([
    ['another version', npm('one', '9.9.9'), ['-y', 'one@9.9.9']],
    ['a program of another name', npm('one', '9.9.9', { bin: 'tool' }), ['-y', '-p', 'one@9.9.9', 'tool']],
    ['no program', npm('none', '1.0.0'), ['-y', 'none@1.0.0']],
    ['a bin it does not have', npm('@scope/several', '2.0.0', { bin: 'missing' }), ['-y', '-p', '@scope/several@2.0.0', 'missing']],
  ])('with %s is left to npx', (_name, config, args) => {
    expect(resolveCommand(config, folder, { PATH: bin })).toMatchObject({ file: 'npx', args, downloads: true })
  })

  test('without npx says how to get on', () => {
    expect(() => resolveCommand(npm('absent', '1.0.0'), folder, only())).toThrow(
      'absent@1.0.0 is not installed here and npx is not on the PATH; install npm, or run npm install absent@1.0.0',
    )
  })
})

describe('a PyPI package', () => {
  test('is run by uvx, or else by pipx', () => {
    expect(resolveCommand(pypi(), folder, { PATH: bin })).toMatchObject({ file: 'uvx', args: ['server@0.5.1'], downloads: true })
    expect(resolveCommand(pypi({ bin: 'tool' }), folder, only('uvx'))).toMatchObject({ file: 'uvx', args: ['--from', 'server==0.5.1', 'tool'] })
    expect(resolveCommand(pypi(), folder, only('pipx'))).toMatchObject({ file: 'pipx', args: ['run', '--spec', 'server==0.5.1', 'server'] })
  })

  test('without either says how to get on', () => {
    expect(() => resolveCommand(pypi(), folder, only())).toThrow('neither uvx nor pipx is on the PATH; install uv (pip install uv) or pipx')
  })
})

describe('a command', () => {
  test('is looked for on the PATH, or taken as a path from its working folder, which is the manifest’s', () => {
    expect(resolveCommand({ command: 'plain', args: ['a'] }, folder, { PATH: bin })).toMatchObject({ file: 'plain', args: ['a'], cwd: folder })
    expect(resolveCommand({ command: './plain', cwd: 'bin' }, folder, { PATH: '' })).toMatchObject({ file: join(bin, 'plain'), cwd: bin })
    expect(resolveCommand({ command: join(bin, 'plain') }, folder, {})).toMatchObject({ file: join(bin, 'plain') })
  })

  test('npx may take its time, since it may have to download', () => {
    expect(resolveCommand({ command: 'npx', args: ['-y', 'x'] }, folder, { PATH: bin }).downloads).toBe(true)
  })

  test.each([
    [{ command: 'absent' }, 'command absent is not on the PATH'],
    [{ command: './bin' }, 'command ./bin is not a program that can be run'],
    [{ command: 'plain', cwd: 'nowhere' }, 'working folder nowhere does not exist'],
  ])('that cannot be run is named: %o', (config, message) => {
    expect(() => resolveCommand(config, folder, { PATH: bin })).toThrow(message)
  })
})
