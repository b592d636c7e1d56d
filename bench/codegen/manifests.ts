/** A hub of many connectors, as files by path: `connectors` manifests of `tools` typical tools each. */
export function manyManifests(connectors: number, tools: number): ReadonlyMap<string, string> {
  const files = new Map([['hub.config.yaml', 'hub: { name: many }\nmanifests: [connectors/*.yaml]\ntoolsets: { some: { tools: [c00*] } }\n']])
  for (let index = 0; index < connectors; index += 1) files.set(manifestPath(index), manifestText(index, tools))
  return files
}

// The tools that each connector of the kind has by itself: left out, so that there are as many tools as are asked for.
const standard = ['list_tables', 'describe_table', 'list_hypertables', 'list_continuous_aggregates']

/** Where one of them lies. */
export const manifestPath = (index: number): string => `connectors/${nameOf(index)}.yaml`

const nameOf = (index: number): string => `c${String(index).padStart(3, '0')}`

/** One of them; `edition` changes the words of its first tool and the bounds of an argument. */
export function manifestText(index: number, tools: number, edition = 0): string {
  const off = standard.map((name) => `  ${name}: { enabled: false }\n`).join('')
  const head = `connector: ${nameOf(index)}\nkind: timescale\nsummary: Measurements of plant ${index}.\nconfig: { url: { secret: PLANT_${index}_URL } }\ntools:\n${off}`
  return head + Array.from({ length: tools }, (_, tool) => toolText(tool, tool === 0 ? edition : 0)).join('')
}

const toolText = (tool: number, edition: number): string => `  readings_${tool}:
    summary: Readings of one meter, newest first, edition ${edition}.
    description: No rows means that the meter is not recorded here. Values are in the unit of the meter.
    effect: read
    input:
      type: object
      required: [meter]
      additionalProperties: false
      properties:
        meter: { type: string, minLength: 1, maxLength: 40, description: Number of the meter., examples: [M-1042] }
        unit: { enum: [kwh, m3, celsius], default: kwh, description: The unit of the values. }
        since: { type: string, format: date-time, description: The first moment that counts. }
        tags: { type: array, maxItems: 10, items: { type: string }, description: All of these. }
        limit: { type: integer, minimum: 1, maximum: ${1000 + edition}, default: 100, description: How many readings at most. }
      examples: [{ meter: M-1042, limit: 5 }]
    output:
      type: object
      required: [rows]
      properties:
        rows:
          type: array
          description: The readings, newest first.
          items:
            type: object
            required: [at, value]
            properties:
              at: { type: string, format: date-time, description: When it was read. }
              value: { type: [string, 'null'], pattern: '^-?[0-9]+(\\.[0-9]+)?$', description: The value as a decimal. }
              quality: { enum: [good, estimated, missing], description: How it was had. }
              note: { anyOf: [{ type: string }, { type: 'null' }], description: What the reader wrote. }
    operation:
      sql: |
        SELECT at, value, quality, note FROM readings
        WHERE meter = :meter AND unit = :unit AND at >= CAST(:since AS timestamptz) AND tags @> CAST(:tags AS text[])
        ORDER BY at DESC LIMIT :limit
    policy: { cache: { ttl: 5s, stale: 1m }, limit: 60/min }
`
