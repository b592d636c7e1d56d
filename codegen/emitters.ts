import { clientEmitter } from './client/emit.ts'
import type { Emitter } from './emitter.ts'
import { openapiEmitter } from './openapi/emit.ts'
import { pythonEmitter } from './python/emit.ts'
import { schemasEmitter } from './schemas/emit.ts'
import { serversEmitter } from './servers/emit.ts'
import { toolsPageEmitter } from './tools-page/emit.ts'
import { typesEmitter } from './types/emit.ts'
import { validatorsEmitter } from './validators/emit.ts'

/** Every sort of generated file. A new one is a folder and a line here. */
export const emitters: readonly Emitter[] = [
  schemasEmitter,
  typesEmitter,
  clientEmitter,
  toolsPageEmitter,
  serversEmitter,
  validatorsEmitter,
  openapiEmitter,
  pythonEmitter,
]
