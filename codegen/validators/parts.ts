import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Output } from '../emit.ts'

const load = createRequire(import.meta.url)

/** The file of what every connector's checks stand on. A connector's name begins with a letter, so that none is called like it. */
export const partsFile = '_ajv.js'
/** Names it exports. */
export const partNames = ['equal', 'formats', 'ucs2length'] as const

/** What checks need of ajv while they run, in the words of the installed version, and the types of a check. */
export function partsOutputs(header: string): readonly Output[] {
  return [
    { path: `validators/${partsFile}`, content: partsText(header) },
    { path: 'validators/_ajv.d.ts', content: typesText(header) },
    // Whatever the repository around them says, these are ES modules.
    { path: 'validators/package.json', content: '{ "type": "module" }\n' },
  ]
}

function partsText(header: string): string {
  const { default: ucs2length } = load('ajv/dist/runtime/ucs2length') as { readonly default: () => number }
  const { default: equal } = load('ajv/dist/runtime/equal') as { readonly default: () => boolean }
  const formats = readFileSync(load.resolve('ajv-formats/dist/formats'), 'utf8')
  return `// ${header}
// Parts of ajv ${versionOf('ajv')} and ajv-formats ${versionOf('ajv-formats')} (MIT, Copyright (c) 2015-2021 Evgeny Poberezkin) and of fast-deep-equal (MIT, Copyright (c) 2017 Evgeny Poberezkin).
export const equal = ${equal.toString()}

export ${ucs2length.toString()}

export const formats = (() => {
const exports = {};
${plainSource(formats)}
return exports.fullFormats;
})()
`
}

// ES modules are strict without saying so, and a source map of another file leads nowhere.
const plainSource = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(/^"use strict";\n/, '')
    .replace(/^Object\.defineProperty\(exports, "__esModule".*\n/m, '')
    .replace(/^\/\/# sourceMappingURL=.*$/m, '')
    .trim()

const versionOf = (name: string): string => (load(`${name}/package.json`) as { readonly version: string }).version

const typesText = (header: string): string => `// ${header}

/** What does not fit, and where. */
export interface Fault {
  /** JSON Pointer into the checked value. */
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
  /** The property's own name, where that is what does not fit. */
  readonly propertyName?: string
  /** Of input checks only. */
  readonly schema?: unknown
  readonly parentSchema?: unknown
  readonly data?: unknown
}

/** True for a value that fits; \`errors\` tells what did not in the call before. The check of an input lays its defaults into the value. */
export interface Check {
  (value: unknown): boolean
  errors?: readonly Fault[] | null
}
`
