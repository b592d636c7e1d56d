import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { HubError } from '../../../contract/errors.ts'
import { at, blank, isWhole } from './vectors.ts'

/** TA-Lib's functions by name (`RSI`, `CDLDOJI`), over whole series. */
export interface TaLib {
  /**
   * Outputs as long as the inputs, NaN where there is no value yet. A gap (NaN) in an input ends one series and begins the next.
   * `degrees` says how each output grows with the inputs (1: like a price, 0: not at all); undefined: the inputs are handed over as they are.
   */
  run(name: string, inputs: readonly Float64Array[], options: readonly number[], degrees: readonly number[] | undefined, outputs: number): Float64Array[]
  /** A function that answers integers (candle patterns: 0, ±80, ±100, ±200); NaN where there is no value yet. */
  integers(name: string, inputs: readonly Float64Array[], options: readonly number[]): Float64Array
}

type Native = Readonly<Record<string, (...args: readonly number[]) => number>>

interface Memory {
  readonly buffer: ArrayBuffer
}

// Node has it; its types come with the DOM's, which nothing here should see.
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => Memory
    readonly Global: new (type: { readonly value: 'i32'; readonly mutable: boolean }, value: number) => object
    instantiate(
      bytes: Uint8Array,
      imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
    ): Promise<{ readonly instance: { readonly exports: unknown } }>
  }
}

// Where the compiled module keeps its stack and the end of its data, and how much memory it takes: constants of the build (see index.cjs.js of the package).
const heapBase = 5_247_776
const memoryBase = 1_024
const pages = 256

/**
 * What TA_Initialize would set, were it in the build: how long a long body is, and so on, in TA-Lib's documented defaults
 * (TA_CandleDefaultSettings: range type, candles averaged, factor). Without them every candle pattern of talib-web compares with nothing.
 */
const candleSettings: readonly (readonly [rangeType: number, averaged: number, factor: number])[] = [
  [0, 10, 1], // long body
  [0, 10, 3], // very long body
  [0, 10, 1], // short body
  [1, 10, 0.1], // doji body
  [0, 0, 1], // long shadow
  [0, 0, 2], // very long shadow
  [2, 10, 1], // short shadow
  [1, 10, 0.1], // very short shadow
  [1, 5, 0.2], // near
  [1, 5, 0.6], // far
  [1, 5, 0.05], // equal
]
const settingsAt = 4_120
const settingBytes = 24

/**
 * Instantiates TA-Lib's WebAssembly build (npm talib-web, BSD-3-Clause) without that package's own glue, which installs handlers for uncaught errors on the whole process
 * and copies arrays element by element.
 */
export async function loadTaLib(): Promise<TaLib> {
  const file = createRequire(import.meta.url).resolve('talib-web/lib/talib.wasm')
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
  const global = (value: number, mutable: boolean): object => new WebAssembly.Global({ value: 'i32', mutable }, value)
  const { instance } = await WebAssembly.instantiate(await readFile(file), {
    env: { memory, emscripten_resize_heap: () => 0, __stack_pointer: global(heapBase, true), __memory_base: global(memoryBase, false) },
    'GOT.mem': { __heap_base: global(heapBase, true) },
  })
  const native = instance.exports as Native
  native['__wasm_call_ctors']?.()
  const settings = new DataView(memory.buffer, settingsAt)
  for (const [index, [rangeType, averaged, factor]] of candleSettings.entries()) {
    settings.setInt32(index * settingBytes, index, true)
    settings.setInt32(index * settingBytes + 4, rangeType, true)
    settings.setInt32(index * settingBytes + 8, averaged, true)
    settings.setFloat64(index * settingBytes + 16, factor, true)
  }
  return new Calls(native, memory)
}

class Calls implements TaLib {
  readonly #native: Native
  readonly #memory: Memory

  constructor(native: Native, memory: Memory) {
    this.#native = native
    this.#memory = memory
  }

  run(name: string, inputs: readonly Float64Array[], options: readonly number[], degrees: readonly number[] | undefined, outputs: number): Float64Array[] {
    const length = inputs[0]?.length ?? 0
    const results = Array.from({ length: outputs }, () => blank(length))
    const scale = degrees === undefined ? 1 : scaleOf(inputs)
    for (const [from, to] of stretches(inputs)) {
      this.#call(name, inputs, options, outputs, from, to, scale, (begin, count, pointers) => {
        for (const [index, pointer] of pointers.entries()) {
          const back = scale ** -(degrees?.[index] ?? 0)
          const values = new Float64Array(this.#memory.buffer, pointer, count)
          const result = results[index] as Float64Array
          for (let i = 0; i < count; i += 1) result[from + begin + i] = at(values, i) * back
        }
      })
    }
    return results
  }

  integers(name: string, inputs: readonly Float64Array[], options: readonly number[]): Float64Array {
    const found = blank(inputs[0]?.length ?? 0)
    const scale = scaleOf(inputs)
    for (const [from, to] of stretches(inputs)) {
      this.#call(name, inputs, options, 1, from, to, scale, (begin, count, [pointer = 0]) => {
        found.set(new Int32Array(this.#memory.buffer, pointer, count), from + begin)
      })
    }
    return found
  }

  #call(
    name: string,
    inputs: readonly Float64Array[],
    options: readonly number[],
    outputs: number,
    from: number,
    to: number,
    scale: number,
    read: (begin: number, count: number, pointers: readonly number[]) => void,
  ): void {
    const compute = this.#native[`TA_${name}`]
    const { malloc, free } = this.#native
    if (!compute || !malloc || !free) throw new HubError('HUB_INTERNAL', `this build of TA-Lib has no ${name}`)
    const length = to - from
    const taken: number[] = []
    const take = (bytes: number): number => {
      const pointer = malloc(bytes)
      if (pointer === 0) throw new HubError('HUB_ARGS_INVALID', `${length} candles are more than can be computed at once; give fewer`)
      taken.push(pointer)
      return pointer
    }
    try {
      const given = inputs.map((input) => {
        const pointer = take(length * 8)
        const heap = new Float64Array(this.#memory.buffer, pointer, length)
        for (let i = 0; i < length; i += 1) heap[i] = at(input, from + i) * scale
        return pointer
      })
      const range = take(8)
      const pointers = Array.from({ length: outputs }, () => take(length * 8))
      const code = compute(0, length - 1, ...given, ...options, range, range + 4, ...pointers)
      if (code !== 0) throw new HubError('HUB_INTERNAL', `TA-Lib refused ${name} with code ${code}`)
      const [begin = 0, count = 0] = new Int32Array(this.#memory.buffer, range, 2)
      if (count > 0) read(begin, count, pointers)
    } finally {
      for (const pointer of taken) free(pointer)
    }
  }
}

/** TA-Lib takes what is smaller than 1e-8 or 1e-14 for zero, which ten-digit token prices are; a power of two moves prices away from there and changes no digit. */
function scaleOf(inputs: readonly Float64Array[]): number {
  let largest = 0
  for (const input of inputs) {
    for (const value of input) {
      const size = Math.abs(value)
      if (size > largest && size < Infinity) largest = size
    }
  }
  return largest === 0 ? 1 : 2 ** Math.min(1_000, 20 - Math.floor(Math.log2(largest)))
}

/** The stretches in which every input has a value. */
export function stretches(inputs: readonly Float64Array[]): readonly (readonly [from: number, to: number])[] {
  const length = inputs[0]?.length ?? 0
  const found: [number, number][] = []
  let from = -1
  for (let i = 0; i <= length; i += 1) {
    const isIn = i < length && isWhole(inputs, i)
    if (isIn && from < 0) from = i
    if (isIn || from < 0) continue
    found.push([from, i])
    from = -1
  }
  return found
}
