import { buildConnector, type Built, type Workshop } from './connector.ts'
import { definitionsPath } from './definitions.ts'
import { digestOf } from './digest.ts'
import { definitionBytes, readText } from './read.ts'
import type { Source } from './source.ts'

/** Builds connectors, and gives the one built last where nothing it was built from changed. */
export interface KeptConnectors {
  build(source: Source, workshop: Workshop, ground: string): Promise<Built>
  /** Forgets all but these. */
  keep(paths: readonly string[]): void
}

interface Kept {
  readonly source: Source
  readonly ground: string
  /** Shared files it refers to, as they were parsed; undefined for one that could not be read. */
  readonly shared: ReadonlyMap<string, Source | undefined>
  readonly pinned: string | undefined
  readonly built: Built
}

/** A store of built connectors, for compilations in which no variable and no secret can change. What they are built on besides their files is told apart by `ground`. */
export function keptConnectors(): KeptConnectors {
  const entries = new Map<string, Kept>()
  return {
    async build(source, workshop, ground) {
      const known = entries.get(source.path)
      if (known?.source === source && known.ground === ground && (await isSame(known, workshop))) return known.built
      entries.delete(source.path)
      const shared = new Map<string, Source | undefined>()
      const load: Workshop['library']['load'] = async (path) => {
        const found = await workshop.library.load(path)
        shared.set(path, found.source)
        return found
      }
      // Read before the connector is built: an edit meanwhile then shows as a change at the next look.
      const pinned = await pinnedDigest(source)
      const built = await buildConnector(source, { ...workshop, library: { load } })
      entries.set(source.path, { source, ground, shared, pinned: built.isPinnedKind ? pinned : undefined, built })
      return built
    },
    keep(paths) {
      const wanted = new Set(paths)
      for (const path of entries.keys()) if (!wanted.has(path)) entries.delete(path)
    },
  }
}

async function isSame({ source, shared, pinned, built }: Kept, { library }: Workshop): Promise<boolean> {
  for (const [path, before] of shared) if ((await library.load(path)).source !== before) return false
  return !built.isPinnedKind || (await pinnedDigest(source)) === pinned
}

async function pinnedDigest(source: Source): Promise<string | undefined> {
  const { text } = await readText(definitionsPath(source.path), definitionBytes)
  return text === undefined ? undefined : digestOf(text)
}

/** What connectors of one compilation are built on besides their own files, as one text. */
export const groundOf = ({ frame, env, checkArguments }: Workshop): string =>
  JSON.stringify([frame.defaults, [...frame.lifetimes], [...frame.tiers], env, checkArguments !== undefined])
