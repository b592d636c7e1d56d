/** A value that must not be printed. Shows itself as `[secret]` in every rendering; `reveal()` is called in `open.ts` files only. */
export class Secret {
  readonly #value: string
  /** The reference it came from, for messages: `env:MARKET_DATABASE_URL`. */
  readonly reference: string

  constructor(value: string, reference: string) {
    this.#value = value
    this.reference = reference
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}

/** A reference as manifests write it: `{ secret: NAME }` for the environment, `{ secret: { file: PATH } }` for a file, `{ secret: { <store>: … } }` for a vault. */
export interface SecretReference {
  readonly store: string
  readonly key: string
  readonly optional: boolean
}

/** One place secrets come from (environment, file, vault). */
export interface SecretStore {
  readonly name: string
  /** The value, or undefined when the store has none under that key. */
  read(key: string): Promise<string | undefined>
}

/** The secrets revealed so far, so that answers can be scrubbed of them. */
export interface Secrets {
  /** Registers a value that must never appear in an answer, log or error. */
  protect(value: string): void
  /** The text with every protected value replaced by `[secret]`. Returns the same string when nothing was found. */
  scrub(text: string): string
}
