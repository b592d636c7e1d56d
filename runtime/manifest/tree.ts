import { COLLECTION_STYLE, EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException, type Event, type ScalarEvent } from 'js-yaml'

/** A part of a file's text; the end is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

interface Marked extends Span {
  readonly anchor?: string
  /** As it was written: `!!str`. */
  readonly tag?: Span & { readonly text: string }
}

/** A value that is neither map nor list. One that is not written, as after `key:`, has an empty text, and stands after its colon or dash. */
export interface ScalarNode extends Marked {
  readonly kind: 'scalar'
  /** What it says, with quotes, folding and escapes undone. */
  readonly text: string
  readonly style: 'plain' | 'quoted' | 'literal' | 'folded'
}

/** A list, with its items in order. */
export interface ListNode extends Marked {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
}

/** A map, with its pairs in order, duplicates and all. */
export interface MapNode extends Marked {
  readonly kind: 'map'
  readonly pairs: readonly Pair[]
}

/** `*name`. */
export interface AliasNode extends Span {
  readonly kind: 'alias'
  readonly name: string
}

/** One key of a map and its value. */
export interface Pair {
  readonly key: YamlNode
  readonly value: YamlNode
}

/** What stands in a YAML text, where it stands. */
export type YamlNode = ScalarNode | ListNode | MapNode | AliasNode

/** A text that is one YAML document (`root` is undefined for an empty one), or why the parser refuses it. */
export type Tree = { readonly root: YamlNode | undefined } | { readonly refusal: { readonly reason: string; readonly offset: number } }

/** The text of a key; numbers and booleans as they were written. */
export const keyOf = ({ key }: Pair): string | undefined => (key.kind === 'scalar' ? key.text : undefined)

/** Parses a YAML 1.2 text, which holds values at most `depth` levels deep. */
export function parseTree(text: string, depth: number): Tree {
  let events: readonly Event[]
  try {
    events = parseEvents(text, { maxDepth: depth })
  } catch (error) {
    const { reason, mark } = error instanceof YAMLException ? error : { reason: 'values lie too deep in one another', mark: undefined }
    return { refusal: { reason, offset: mark?.position ?? 0 } }
  }
  const documents = events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length
  if (documents > 1) return { refusal: { reason: 'one file holds one document', offset: 0 } }
  return { root: new Builder(text, events).build() }
}

class Builder {
  private readonly text: string
  private readonly events: readonly Event[]
  private at = 0
  /** Where the last node that is written ended. */
  private last = 0

  constructor(text: string, events: readonly Event[]) {
    this.text = text
    this.events = events
  }

  build(): YamlNode | undefined {
    // The first event opens the document.
    this.at = 1
    return this.next()
  }

  /** The next node, with all in it; undefined at the end of a map, list or document. */
  private next(): YamlNode | undefined {
    const event = this.events[this.at++]
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.scalar(event)
      case EVENT_ID.ALIAS: {
        this.last = event.anchorEnd
        return { kind: 'alias', start: event.anchorStart - 1, end: event.anchorEnd, name: this.text.slice(event.anchorStart, event.anchorEnd) }
      }
      case EVENT_ID.SEQUENCE: {
        const items: YamlNode[] = []
        for (let item = this.next(); item !== undefined; item = this.next()) items.push(item)
        return { kind: 'list', ...this.collection(event, ']'), items }
      }
      case EVENT_ID.MAPPING: {
        const pairs: Pair[] = []
        for (let key = this.next(); key !== undefined; key = this.next()) pairs.push(this.pair(key))
        return { kind: 'map', ...this.collection(event, '}'), pairs }
      }
      default:
        return undefined
    }
  }

  private pair(key: YamlNode): Pair {
    const value = this.next() as YamlNode
    // `{ key }`: with no colon either, the key stands for both.
    return { key, value: value.start === key.end ? { ...value, start: key.start } : value }
  }

  private scalar(event: ScalarEvent): ScalarNode {
    const text = getScalarValue(this.text, event)
    if (event.valueStart < 0) {
      const found = this.after(indicator)
      if (!/[,}\]]/.test(this.text[found - 1] ?? '')) this.last = found
      return { kind: 'scalar', start: this.last, end: this.last, text, style: 'plain', ...this.marks(event) }
    }
    const isQuoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED
    const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK
    const start = isQuoted ? event.valueStart - 1 : isBlock ? this.header(event.valueStart) : event.valueStart
    const end = isQuoted ? event.valueEnd + 1 : event.valueEnd
    this.last = end
    const style = isQuoted ? 'quoted' : event.style === SCALAR_STYLE.LITERAL_BLOCK ? 'literal' : isBlock ? 'folded' : 'plain'
    return { kind: 'scalar', start, end, text, style, ...this.marks(event) }
  }

  /** Where the `|` or `>` of a block stands, whose lines begin here. */
  private header(lines: number): number {
    const from = this.text.lastIndexOf('\n', lines - 2) + 1
    const mark = /[|>][-+\d]*[ \t]*(?:[ \t]#.*)?\r?\n?$/.exec(this.text.slice(from, lines))
    return mark === null ? lines : from + mark.index
  }

  private collection(event: Extract<Event, { style: unknown; start: number }>, bracket: string): Marked {
    const { start } = event
    if (this.last < start) this.last = start + 1
    // A pair inside brackets, `[a: 1]`, is a map of its own without any.
    const isBracketed = event.style === COLLECTION_STYLE.FLOW && this.text[start] === (bracket === ']' ? '[' : '{')
    if (isBracketed) this.last = this.after(bracket === ']' ? /\]/ : /\}/)
    return { start, end: Math.max(this.last, start), ...this.marks(event) }
  }

  /** After the next character like this; until it, only blanks, commas and comments can follow what has ended. */
  private after(wanted: RegExp): number {
    for (let at = this.last; at < this.text.length; at++) {
      const character = this.text[at] as string
      if (wanted.test(character)) return at + 1
      if (character !== '#') continue
      at = this.text.indexOf('\n', at)
      if (at < 0) break
    }
    return this.last
  }

  private marks({ anchorStart, anchorEnd, tagStart, tagEnd }: Extract<Event, { tagStart: number }>): Pick<Marked, 'anchor' | 'tag'> {
    if (anchorStart < 0 && tagStart < 0) return unmarked
    return {
      ...(anchorStart >= 0 && { anchor: this.text.slice(anchorStart, anchorEnd) }),
      ...(tagStart >= 0 && { tag: { start: tagStart, end: tagEnd, text: this.text.slice(tagStart, tagEnd) } }),
    }
  }
}

const unmarked = {}
// What stands before a value that is left out, or, in brackets, after one whose colon is too.
const indicator = /[-:?,}\]]/
