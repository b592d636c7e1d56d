import type { Kind } from '../contract/kind.ts'
import { http } from './http/kind.ts'
import { hub } from './hub/kind.ts'
import { mcp } from './mcp/kind.ts'
import { timescale } from './timescale/kind.ts'

/** Every kind of this hub. Adding one is a folder and a line here. */
export const kinds: readonly Kind[] = [http, hub, mcp, timescale]
