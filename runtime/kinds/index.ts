import type { Kind } from '../contract/kind.ts'
import { ccxt } from './ccxt/kind.ts'
import { clickhouse } from './clickhouse/kind.ts'
import { files } from './files/kind.ts'
import { http } from './http/kind.ts'
import { hub } from './hub/kind.ts'
import { indicators } from './indicators/kind.ts'
import { mcp } from './mcp/kind.ts'
import { memory } from './memory/kind.ts'
import { redpanda } from './redpanda/kind.ts'
import { timescale } from './timescale/kind.ts'

/** Every kind of this hub. Adding one is a folder and a line here. */
export const kinds: readonly Kind[] = [ccxt, clickhouse, files, http, hub, indicators, mcp, memory, redpanda, timescale]
