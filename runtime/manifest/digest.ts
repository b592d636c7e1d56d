import { createHash } from 'node:crypto'
import { Secret } from '../contract/secret.ts'

/** SHA-256, in hex, of plain data and secrets. A secret enters as a hash of its value, so that a changed one changes the digest and none can be read from it. */
export function digestOf(value: unknown): string {
  const plain = JSON.stringify(value) ?? 'undefined'
  // A secret writes itself as this; most values hold none, and a replacer makes writing them many times as slow.
  if (!plain.includes('"[secret]"')) return sha256(plain)
  // A replacer function sees what toJSON made of a Secret, so the object itself is looked up in its holder.
  const text = JSON.stringify(value, function replace(this: Record<string, unknown>, key: string, inner: unknown) {
    const held = this[key]
    return held instanceof Secret ? { secret: held.reference, hash: sha256(`hub secret\0${held.reference}\0${held.reveal()}`) } : inner
  })
  return sha256(text ?? 'undefined')
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The same value, with everything in it frozen. */
export function deepFreeze<Value>(value: Value): Value {
  if (value === null || typeof value !== 'object' || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) deepFreeze(inner)
  return value
}
