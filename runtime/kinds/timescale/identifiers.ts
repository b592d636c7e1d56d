/** What tables and columns may be called here, as a JSON Schema pattern; a table may stand behind its schema and a dot. */
export const tablePattern = '^[\\p{L}_][\\p{L}\\p{N}_$]{0,62}(\\.[\\p{L}_][\\p{L}\\p{N}_$]{0,62})?$'
/** See `tablePattern`. */
export const columnPattern = '^[\\p{L}_][\\p{L}\\p{N}_$]{0,62}$'

/** A name as SQL takes it, exactly as it is written: `"Größe"`. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** The same for a table that may stand behind its schema. */
export const quotedTable = (table: string): string => table.split('.').map(quoted).join('.')
