// Runs the ClickHouse engine until it is killed or its standard input ends: `clickhouse local` with the engine's own HTTP server switched on.
// The engine comes as a shared library, and blocks the thread that calls it: so it has a process of its own.
import { createRequire } from 'node:module'

interface Foreign {
  open(library: { readonly library: string; readonly path: string }): void
  load(call: { library: string; funcName: string; retType: number; paramsType: readonly number[]; paramsValue: readonly unknown[] }): unknown
  readonly DataType: { readonly I32: number; readonly StringArray: number; readonly External: number }
}

const [folder = '', ...flags] = process.argv.slice(2)
const from = createRequire(`${folder}/package.json`)
const { open, load, DataType } = from('ffi-rs') as Foreign
const platform = `${process.platform}-${process.arch}${process.platform === 'linux' ? '-gnu' : ''}`
open({ library: 'chdb', path: from.resolve(`@chdb/lib-${platform}/libchdb.so`) })
const words = ['clickhouse', ...flags, `--query=SYSTEM START LISTEN HTTP; SELECT * FROM file('-', LineAsString)`]
load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [words.length, words],
})
