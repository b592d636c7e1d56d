import { HubError } from '../../contract/errors.ts'
import { withoutTrailing } from '../../contract/trailing.ts'

const invalid = (name: string, message: string): HubError =>
  new HubError('HUB_ARGS_INVALID', `argument "${name}" ${message}`, { faults: [{ path: name, message }] })

/** A text as UTF-8. Throws HUB_ARGS_INVALID for half a character, which UTF-8 cannot hold. */
export function bytesOfText(text: string, argument: string): Uint8Array {
  if (!text.isWellFormed()) throw invalid(argument, 'is not well-formed Unicode')
  return Buffer.from(text, 'utf8')
}

/** Bytes from base64. Throws HUB_ARGS_INVALID for what is none: what Node would pass over in silence. */
export function bytesOfBase64(text: string, argument: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (withoutTrailing(bytes.toString('base64'), '=') !== withoutTrailing(text, '=')) throw invalid(argument, 'is not base64')
  return bytes
}
