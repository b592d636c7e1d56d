import type { Sink } from '../../contract/flow.ts'
import type { KnownColumns } from './columns.ts'
import { insertRows } from './insertion.ts'
import type { SinkSpec } from './operation.ts'
import type { Server } from './server.ts'

const defaultBatch = 10_000

/** A table as the end of a flow. Rows written twice are one where the table replaces by its key (ReplacingMergeTree), as the hub's own tables do. */
export function openSink({ table, batch = defaultBatch }: SinkSpec, server: Server, known: KnownColumns): Sink {
  return {
    write: (rows, signal) => insertRows(server, known, { table, batch }, rows, { signal, deadline: Infinity }),
    close: () => Promise.resolve(),
  }
}
