import { existsSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describeError, CommandError, exits } from '../exits.ts'
import { importDatabase } from '../import/postgres.ts'
import { importOpenapiDocument } from '../import/openapi.ts'
import { importServer } from '../import/mcp.ts'
import { fromHere, writeFiles, type Written } from '../import/files.ts'
import { doubtful, good } from '../style.ts'
import type { Choices } from './choices.ts'
import { configText, hubFiles } from './files.ts'
import { gitignoreText, packageText } from './package-file.ts'

/** Writes a new hub and imports what was asked for; the lines to show. An import that fails does not undo the hub: what to run again is told. */
export async function writeHub(folder: string, choices: Choices): Promise<readonly string[]> {
  const { 'README.md': readme, ...files } = hubFiles(choices)
  const there = Object.keys(files).filter((file) => existsSync(join(folder, file)))
  if (there.length > 0)
    throw new CommandError(exits.problems, `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already`, [
      'choose an empty folder, or move them away',
    ])
  const all = { ...files, 'package.json': packageText(folder, choices.name), '.gitignore': gitignoreText(folder) }
  const withReadme = existsSync(join(folder, 'README.md')) ? all : { ...all, 'README.md': readme as string }
  await writeFiles(Object.fromEntries(Object.entries(withReadme).map(([file, text]) => [join(folder, file), text])))

  const config = join(folder, 'hub.config.yaml')
  const imports = await importAll(config, choices)
  const further = imports
    .flatMap(({ written }) => (written === undefined ? [] : [relative(folder, written.file)]))
    .filter((file) => !/^connectors\/[^/]+$/.test(file))
  if (further.length > 0) await writeFiles({ [config]: configText(choices, further) })

  const place = fromHere(folder)
  return [
    good(`${place === '' ? 'this folder' : place} is a hub: ${Object.keys(withReadme).length} files`),
    ...imports.flatMap(({ lines }) => lines),
    `Next: ${place === '' ? '' : `cd ${shellWord(place)} && `}npm install && npx hub serve`,
  ]
}

/** A path as a shell reads it back. */
const shellWord = (path: string): string => (/^[\w./@%+=:,-]+$/.test(path.replaceAll(sep, '/')) ? path : `'${path.replaceAll("'", `'\\''`)}'`)

interface Tried {
  readonly written?: Written
  readonly lines: readonly string[]
}

async function importAll(config: string, { postgres, mcp, openapi }: Choices): Promise<readonly Tried[]> {
  const tried: Tried[] = []
  for (const url of postgres) tried.push(await attempt('postgres', url, () => importDatabase(url, { config })))
  for (const target of mcp) tried.push(await attempt('mcp', target, () => importServer([target], { config, name: nameOfServer(target) })))
  for (const document of openapi) tried.push(await attempt('openapi', document, () => importOpenapiDocument(document, { config })))
  return tried
}

async function attempt(what: string, target: string, act: () => Promise<Written>): Promise<Tried> {
  try {
    const written = await act()
    return { written, lines: written.lines.slice(0, -1) }
  } catch (error) {
    // An address may hold a password; a variable's name does not.
    const shown = /:\/\/[^/]*@/.test(target) ? '<address>' : target
    return {
      lines: [
        doubtful(`not imported: ${describeError(error).text}`),
        `  later, in the new folder: hub import ${what} ${/\s/.test(shown) ? `"${shown}"` : shown}${what === 'mcp' ? ` --name ${nameOfServer(target)}` : ''}`,
      ],
    }
  }
}

/** A connector's name from a command or an address: `server-memory` of `npx -y @scope/server-memory@1.2.3`. */
export function nameOfServer(target: string): string {
  const url = URL.parse(target)
  const words = url === null ? target.split(/\s+/).filter((word) => !word.startsWith('-')) : [url.hostname.replace(/^(www|mcp|api)\./, '')]
  const named = words.findLast((word) => /^@?[a-z0-9]/i.test(word)) ?? 'server'
  const bare = (named.split('/').at(-1) ?? named)
    .replace(/(@|==).*$/, '')
    .replace(/\.(m?[jt]s|py)$/, '')
    .replace(/^(mcp[-_])?server[-_]/, '')
  const cleaned = bare
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 30)
  return cleaned === '' ? 'server' : cleaned
}
