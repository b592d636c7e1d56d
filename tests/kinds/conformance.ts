import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../runtime/contract/answer.ts'
import type { Args } from '../../runtime/contract/call.ts'
import { HubError } from '../../runtime/contract/errors.ts'
import { isObject, type Json, type JsonObject } from '../../runtime/contract/json.ts'
import type { Connector, Kind } from '../../runtime/contract/kind.ts'
import { Secret } from '../../runtime/contract/secret.ts'
import type { ToolSpec } from '../../runtime/contract/tool.ts'
import { lend as lendNothing, runWith, type Lent } from './lent.ts'

/** The real system a kind is tried against. */
export interface System {
  /** The connector's `config:` with its secrets resolved. */
  readonly config: JsonObject
  /** Words that must not appear in any error, health or log. */
  readonly secrets: readonly string[]
  /** Takes the system away and brings it back where it was; absent where it cannot be done, and those tests are then skipped with the reason. */
  readonly outage?: { begin(): Promise<void>; end(): Promise<void> }
  stop(): Promise<void>
}

/** A kind and what is tried with it. */
export interface Subject {
  readonly name: string
  readonly kind: Kind
  /** What it is lent, where that must reach something; absent: nothing to fetch from. */
  lend?(): Lent
  start(): Promise<System>
  /** Configs the kind must refuse, and what its refusal speaks of. */
  readonly badConfigs: readonly { readonly name: string; readonly config: JsonObject; readonly about: RegExp }[]
  /** A tool that answers at once. */
  readonly quick: { readonly tool: ToolSpec; readonly args: Args; readonly expected: (answer: Answer) => void }
  /** True for a kind that works in this process and reaches nothing: there is no system to be away. */
  readonly isAlone?: boolean
  /** A tool that would run for a minute, and whether the system still works on it; absent where the system has no work that another connection could see or end. */
  readonly slow?: { readonly tool: ToolSpec; readonly args: Args; readonly isRunning: () => Promise<boolean> }
}

/** What every kind must do, run against the real system. */
export function kindConformance(subject: Subject): void {
  const { kind, quick, slow } = subject
  const expectAnswer = quick.expected

  describe(`kind ${kind.kind} on ${subject.name}`, () => {
    let system: System
    let connector: Connector
    const lent = subject.lend?.() ?? lendNothing('conformance')
    const said: string[] = []

    beforeAll(async () => {
      system = await subject.start()
      connector = await kind.open(system.config, lent)
    })
    afterAll(async () => {
      await connector?.close()
      await system?.stop()
    })

    test.each(subject.badConfigs)('refuses a bad config: $name', ({ config, about }) => {
      expect(faultsOf(kind, config).join('\n')).toMatch(about)
    })

    test('takes its config', () => {
      expect(faultsOf(kind, asWritten(system.config))).toEqual([])
    })

    test('declares schemas that are JSON Schema 2020-12, and standard tools that pass its own lint', async () => {
      const ajv = new Ajv2020({ strict: false })
      for (const schema of [kind.config, kind.operation]) expect(ajv.validateSchema(schema)).toBe(true)
      for (const tool of kind.standardTools ?? []) {
        expect(ajv.validateSchema(tool.input)).toBe(true)
        if (tool.output !== undefined) expect(ajv.validateSchema(tool.output)).toBe(true)
        expect(ajv.validate(kind.operation, tool.operation)).toBe(true)
        expect(await kind.lint?.(tool)).toEqual([])
      }
    })

    test('binds a tool that answers', async () => {
      expectAnswer(await connector.bind(quick.tool)(quick.args, runWith()))
    })

    test('says that it is up, and which version answers', async () => {
      const health = await connector.check(AbortSignal.timeout(5_000))
      expect(health).toMatchObject({ state: 'up', version: expect.any(String) as string })
    })

    test('does nothing for a caller that is gone already', async () => {
      const error = await failureOf(connector.bind(quick.tool)(quick.args, runWith(AbortSignal.abort())))
      expect(error.code).toBe('HUB_CANCELLED')
    })

    const ending: readonly (readonly [string, HubError | undefined, string])[] = [
      ['a caller that leaves', undefined, 'HUB_CANCELLED'],
      ['a deadline that passes', new HubError('HUB_TIMEOUT', 'late'), 'HUB_TIMEOUT'],
    ]
    if (slow)
      test.for(ending)('%s ends the work in the system', async ([_name, reason, code]) => {
        const { tool, args, isRunning } = slow
        const caller = new AbortController()
        const call = failureOf(connector.bind(tool)(args, runWith(caller.signal)))
        await until(isRunning)
        caller.abort(reason)
        expect((await call).code).toBe(code)
        await until(async () => !(await isRunning()))
        expectAnswer(await connector.bind(quick.tool)(quick.args, runWith()))
      })
    else
      test.for(ending)('%s is told so, unless the answer was there first, and the next caller is answered', async ([_name, reason, code]) => {
        const handler = connector.bind(quick.tool)
        for (let turn = 0; turn < 20; turn += 1) {
          const caller = new AbortController()
          const call = handler(quick.args, runWith(caller.signal)).then(
            () => code,
            (error: unknown) => (error instanceof HubError ? error.code : error),
          )
          for (let passed = 0; passed < turn; passed += 1) await Promise.resolve()
          caller.abort(reason)
          expect(await call).toBe(code)
        }
        expectAnswer(await handler(quick.args, runWith()))
      })

    if (subject.isAlone) {
      test('needs nothing outside: it is up and answers as soon as it is open', async () => {
        const early = await kind.open(system.config, lendNothing('conformance'))
        expect((await early.check(AbortSignal.timeout(5_000))).state).toBe('up')
        expectAnswer(await early.bind(quick.tool)(quick.args, runWith()))
        await early.close()
      })
    } else {
      test('survives an outage: says so with a time to retry, then answers again', async ({ skip }) => {
        const { outage } = system
        if (!outage) return skip('this system cannot be taken away and brought back')
        const handler = connector.bind(quick.tool)
        expectAnswer(await handler(quick.args, runWith()))
        await outage.begin()
        const error = await failureOf(handler(quick.args, runWith()))
        said.push(error.message, JSON.stringify(error.details))
        expect(error.code).toBe('HUB_CONNECTOR_DOWN')
        expect(error.details.retryAfterMs).toBeGreaterThan(0)
        const health = await connector.check(AbortSignal.timeout(5_000))
        said.push(JSON.stringify(health))
        expect(health.state).toBe('down')
        await outage.end()
        expectAnswer(await handler(quick.args, runWith()))
        expect((await connector.check(AbortSignal.timeout(5_000))).state).toBe('up')
      })

      test('opens while the system is away, and answers when it is back', async ({ skip }) => {
        const { outage } = system
        if (!outage) return skip('this system cannot be taken away and brought back')
        await outage.begin()
        const early = await kind.open(system.config, lent)
        const handler = early.bind(quick.tool)
        expect((await failureOf(handler(quick.args, runWith()))).code).toBe('HUB_CONNECTOR_DOWN')
        await outage.end()
        expectAnswer(await handler(quick.args, runWith()))
        await early.close()
      })
    }

    test('closes twice, and then refuses calls', async () => {
      await connector.close()
      await connector.close()
      const error = await failureOf(connector.bind(quick.tool)(quick.args, runWith()))
      expect(error.code).toBe('HUB_CONNECTOR_DOWN')
      expect((await connector.check(AbortSignal.timeout(5_000))).state).toBe('down')
    })

    test('told no secret to anyone', () => {
      const everything = [...said, ...lent.logged].join('\n')
      for (const secret of system.secrets) expect(everything).not.toContain(secret)
    })
  })
}

/** The HubError a call ends with; fails the test for an answer or another error. */
export async function failureOf(call: Promise<Answer>): Promise<HubError> {
  const [result] = await Promise.allSettled([call])
  if (result.status === 'rejected' && result.reason instanceof HubError) return result.reason
  throw result.status === 'rejected' ? result.reason : new Error(`the call answered: ${JSON.stringify(result.value).slice(0, 200)}`)
}

/** Waits until a question about the system is answered with yes; vitest's own time-out ends a wait in vain. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setImmediate(resolve))
}

function faultsOf(kind: Kind, config: JsonObject): readonly string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  const fits = ajv.validate(kind.config, structuredClone(config))
  const faults = fits ? [] : (ajv.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''} ${JSON.stringify(error.params)}`)
  return [...faults, ...(kind.lintConfig?.(config) ?? []).map(({ message }) => message)]
}

/** Config as a manifest has it: a text where the resolved one holds a secret. */
function asWritten<Value extends Json>(value: Value): Value {
  if ((value as unknown) instanceof Secret) return 'a secret' as unknown as Value
  if (Array.isArray(value)) return value.map(asWritten) as unknown as Value
  return isObject(value) ? (Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asWritten(inner)])) as unknown as Value) : value
}
