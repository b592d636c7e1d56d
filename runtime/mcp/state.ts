import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { isObject, parseJson, type JsonObject } from '../contract/json.ts'
import type { Principal } from '../contract/principal.ts'

/** Seals what a caller must hand back unchanged, and opens it again for the same caller and purpose only. Signed, not encrypted. */
export interface StateSeal {
  seal(payload: JsonObject, principal: Principal, purpose: string): string
  /** The payload; undefined when it was changed, is another's, is for something else or has expired. */
  open(state: string, principal: Principal, purpose: string): JsonObject | undefined
}

/** A seal by HMAC-SHA256. Every replica that shall open what another sealed needs the same key. */
export function createStateSeal(options: { readonly key?: Buffer | undefined; readonly lifetimeMs: number; readonly now: () => number }): StateSeal {
  const key = options.key ?? randomBytes(32)

  const sign = (body: string, principal: Principal, purpose: string): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([body, principal.organisation, principal.credential, principal.id, purpose]))
      .digest()

  return {
    seal(payload, principal, purpose) {
      const body = Buffer.from(JSON.stringify({ payload, until: options.now() + options.lifetimeMs })).toString('base64url')
      return `v1.${body}.${sign(body, principal, purpose).toString('base64url')}`
    },
    open(state, principal, purpose) {
      const [version, body, signature, ...rest] = state.split('.')
      if (version !== 'v1' || !body || !signature || rest.length > 0) return undefined
      const given = Buffer.from(signature, 'base64url')
      const wanted = sign(body, principal, purpose)
      if (given.toString('base64url') !== signature || given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined
      const sealed = parseJson(Buffer.from(body, 'base64url').toString('utf8'))
      if (!isObject(sealed) || !isObject(sealed['payload']) || typeof sealed['until'] !== 'number' || sealed['until'] < options.now()) return undefined
      return sealed['payload']
    },
  }
}
