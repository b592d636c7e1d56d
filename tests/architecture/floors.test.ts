import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readFloors, type Reading } from './cruise.ts'
import { copyTree, repository, type Tree } from './tree.ts'

interface Plant {
  readonly name: string
  /** Path and text of each file. */
  readonly files: Readonly<Record<string, string>>
  /** What must be said of them, each line once. */
  readonly violations: readonly string[]
}

const rows = [
  ['runtime/contract'],
  ['generated'],
  [
    'runtime/manifest',
    'runtime/guards',
    'runtime/auth',
    'runtime/limits',
    'runtime/cache',
    'runtime/queue',
    'runtime/health',
    'runtime/metrics',
    'runtime/tracing',
    'runtime/log',
    'runtime/audit',
    'runtime/store',
  ],
  ['runtime/kinds/planted'],
  ['codegen', 'runtime/registry'],
  ['runtime/pipeline'],
  ['runtime/flows', 'runtime/workflows', 'runtime/jobs', 'runtime/mcp', 'runtime/rest', 'runtime/admin'],
  ['runtime/wiring'],
  ['runtime/commands'],
]

const up = (from: string): string => '../'.repeat(from.split('/').length - 1)
const target = (folder: string): string => `${folder}/planted-target.ts`
const targets = Object.fromEntries(rows.flat().map((folder) => [target(folder), 'export type Planted = string\nexport const planted = 1\n']))
const byValue = (from: string, to: string): string => `import { planted } from '${up(from)}${to}'\nexport const used = planted\n`
const byType = (from: string, to: string): string => `import type { Planted } from '${up(from)}${to}'\nexport type Used = Planted\n`

/** Every row against every row above it, once by value and once by type only. */
const upward: Plant[] = rows.flatMap((row, floor) =>
  row.flatMap((folder) =>
    rows.slice(floor + 1).flatMap((higher, step) =>
      [byValue, byType].map((write, way) => {
        const from = `${folder}/planted-${floor}-to-${floor + 1 + step}-${way}.ts`
        const to = target(higher[0] ?? '')
        const more = [
          ...(folder === 'runtime/kinds/planted' ? [`kinds-stand-on-contract-and-guards: ${from} → ${to}`] : []),
          ...(folder === 'generated' ? [`generated-is-self-contained: ${from} → ${to}`] : []),
        ]
        return {
          name: `${folder} imports ${higher[0]} ${way === 0 ? 'by value' : 'by type'}`,
          files: { [from]: write(from, to) },
          violations: [`floor-${floor}: ${from} → ${to}`, ...more],
        }
      }),
    ),
  ),
)

/** Every folder against the next one of its row, by type only. */
const neighbours: Plant[] = rows.flatMap((row, floor) =>
  row.length < 2
    ? []
    : row.map((folder, index) => {
        const from = `${folder}/planted-neighbour.ts`
        const to = target(row[(index + 1) % row.length] ?? '')
        return { name: `${folder} imports its neighbour`, files: { [from]: byType(from, to) }, violations: [`floor-${floor}-neighbours: ${from} → ${to}`] }
      }),
)

const one = (name: string, path: string, text: string, ...violations: string[]): Plant => ({
  name,
  files: { [path]: text },
  violations: violations.map((rule) => rule.replace('$', path)),
})

const special: Plant[] = [
  one(
    'a file above the folders is a floor too',
    'runtime/planted.ts',
    "import type { Planted } from './commands/planted-target.ts'\nexport type A = Planted\n",
  ),
  one(
    'hub.ts stands below the command line',
    'runtime/wiring/planted-hub.ts',
    "import type { Used } from '../planted-main.ts'\nexport type A = Used\n",
    'floor-7: $ → runtime/planted-main.ts',
  ),
  one('what the command line may', 'runtime/planted-main.ts', "import type { Planted } from './wiring/planted-target.ts'\nexport type Used = Planted\n"),
  one(
    'a folder of no floor',
    'runtime/utils/planted.ts',
    "import '../contract/planted-target.ts'\n",
    'a-floor-for-every-folder: $ → runtime/contract/planted-target.ts',
  ),
  one(
    'a kind imports a service',
    'runtime/kinds/planted/service.ts',
    "import '../../audit/planted-target.ts'\n",
    'kinds-stand-on-contract-and-guards: $ → runtime/audit/planted-target.ts',
  ),
  one('a kind may import the guards', 'runtime/kinds/planted/guard.ts', "import '../../guards/planted-target.ts'\n"),
  one(
    'a kind imports another',
    'runtime/kinds/planted/other.ts',
    "import type { Planted } from '../planted-b/thing.ts'\nexport type A = Planted\n",
    'kinds-do-not-know-each-other: $ → runtime/kinds/planted-b/thing.ts',
  ),
  one('the other kind', 'runtime/kinds/planted-b/thing.ts', 'export type Planted = string\n'),
  one(
    'a kind imports the list',
    'runtime/kinds/planted/list.ts',
    "import '../planted-list.ts'\n",
    'kinds-do-not-know-each-other: $ → runtime/kinds/planted-list.ts',
  ),
  one(
    'the list imports more than kind.ts',
    'runtime/kinds/planted-list.ts',
    "import './planted-b/thing.ts'\n",
    'the-list-of-kinds-is-a-list: $ → runtime/kinds/planted-b/thing.ts',
  ),
  {
    name: 'a driver in kind.ts, and open.ts imported before it is needed',
    files: {
      'runtime/kinds/planted/kind.ts':
        "import pg from 'pg'\nimport { open } from './open.ts'\nexport const kind = { pg, open, later: () => import('./open.ts') }\n",
      'runtime/kinds/planted/open.ts': "import { Client } from '@modelcontextprotocol/client'\nexport const open = Client\n",
    },
    violations: [
      'drivers-are-opened-not-declared: runtime/kinds/planted/kind.ts → node_modules/pg/esm/index.mjs',
      'kinds-open-on-first-use: runtime/kinds/planted/kind.ts → runtime/kinds/planted/open.ts',
    ],
  },
  {
    name: 'open.ts imported as it should be',
    files: {
      'runtime/kinds/planted-c/kind.ts':
        "import type { Opened } from './open.ts'\nexport const kind = { later: async (): Promise<Opened> => (await import('./open.ts')).open }\n",
      'runtime/kinds/planted-c/open.ts':
        "import { Client } from '@modelcontextprotocol/client'\nexport type Opened = typeof Client\nexport const open = Client\n",
    },
    violations: [],
  },
  one(
    'a driver in a lint file',
    'runtime/kinds/planted/lint-more.ts',
    "import 'undici'\n",
    'drivers-are-opened-not-declared: $ → node_modules/undici/index.js',
  ),
  one('generated code needs a package', 'generated/planted-package.ts', "import 'ajv'\n", 'generated-is-self-contained: $ → node_modules/ajv/dist/ajv.js'),
  one(
    'generated code needs the contract',
    'generated/planted-contract.ts',
    "import '../runtime/contract/planted-target.ts'\n",
    'generated-is-self-contained: $ → runtime/contract/planted-target.ts',
  ),
  one(
    'types need MCP’s client package',
    'generated/planted-types.ts',
    "import type { Client } from '@modelcontextprotocol/client'\nexport type Used = Client\n",
    'generated-is-self-contained: $ → node_modules/@modelcontextprotocol/client/dist/index.mjs',
  ),
  {
    name: 'the client needs Node, another package and the contract, besides the one it may',
    files: { 'generated/client.ts': "import 'node:fs'\nimport 'ajv'\nimport '../runtime/contract/planted-target.ts'\nimport '@modelcontextprotocol/client'\n" },
    violations: [
      'the-client-runs-anywhere: generated/client.ts → fs',
      'the-client-needs-one-package: generated/client.ts → node_modules/ajv/dist/ajv.js',
      'the-client-needs-one-package: generated/client.ts → runtime/contract/planted-target.ts',
    ],
  },
  one('the hub imports a test', 'runtime/store/planted-test.ts', "import '../../tests/planted.ts'\n", 'nothing-stands-on-tests: $ → tests/planted.ts'),
  one(
    'a package of the tests',
    'runtime/store/planted-package.ts',
    "import 'fast-check'\n",
    'what-ships-is-a-dependency: $ → node_modules/fast-check/lib/fast-check.js',
  ),
  one('an import that leads nowhere', 'runtime/store/planted-nowhere.ts', "import './nowhere.ts'\n", 'resolved: $ → ./nowhere.ts'),
  {
    name: 'a circle',
    files: {
      'runtime/store/planted-a.ts': "import './planted-b.ts'\n",
      'runtime/store/planted-b.ts': "import './planted-c.ts'\n",
      'runtime/store/planted-c.ts': "import './planted-a.ts'\n",
    },
    violations: ['no-circles: runtime/store/planted-a.ts → runtime/store/planted-b.ts → runtime/store/planted-c.ts → runtime/store/planted-a.ts'],
  },
  {
    name: 'a circle of types',
    files: {
      'runtime/store/planted-x.ts': "import type { Y } from './planted-y.ts'\nexport type X = Y\n",
      'runtime/store/planted-y.ts': "import type { X } from './planted-x.ts'\nexport type Y = X\n",
    },
    violations: ['no-circles: runtime/store/planted-x.ts → runtime/store/planted-y.ts → runtime/store/planted-x.ts'],
  },
]

describe('floors.cjs', () => {
  const plants = [...upward, ...neighbours, ...special]
  let tree: Tree
  let reading: Reading

  beforeAll(async () => {
    tree = await copyTree(['runtime', 'codegen', 'generated', 'package.json'])
    await tree.write('tests/planted.ts', 'export const planted = 1\n')
    for (const [path, text] of Object.entries({ ...targets, ...Object.assign({}, ...plants.map(({ files }) => files)) } as Record<string, string>))
      await tree.write(path, text)
    const list = 'runtime/kinds/index.ts'
    await tree.write(
      list,
      "import { kind } from './planted-c/kind.ts'\nimport { kind as helped } from './planted-d/kind.ts'\nexport const kinds = [kind, helped]\n",
    )
    await tree.write('runtime/kinds/planted-d/kind.ts', "import { helper } from './helper.ts'\nexport const kind = helper\n")
    await tree.write('runtime/kinds/planted-d/helper.ts', "import { Pool } from 'pg'\nexport const helper = Pool\n")
    reading = await readFloors(tree.root)
  }, 60_000)
  afterAll(() => tree?.remove())

  test.each(plants)('$name', ({ files, violations }) => {
    const told = reading.violations.filter((violation) => Object.keys(files).some((file) => violation.includes(`: ${file} →`)))
    expect(told.toSorted(byText)).toEqual(violations.toSorted(byText))
  })

  test('a driver that the list of kinds reaches by a longer way', () => {
    const way = 'runtime/kinds/index.ts → runtime/kinds/planted-d/kind.ts → runtime/kinds/planted-d/helper.ts → node_modules/pg/esm/index.mjs'
    expect(reading.violations.filter((violation) => violation.startsWith('no-driver-at-start'))).toEqual([`no-driver-at-start: ${way}`])
  })

  test('holds for the hub itself, of which every file is read', async () => {
    const { modules, dependencies, violations } = await readFloors(repository)
    expect(violations).toEqual([])
    expect(modules).toBeGreaterThan(200)
    expect(dependencies).toBeGreaterThan(modules)
  })
})

const byText = (a: string, b: string): number => (a < b ? -1 : 1)
