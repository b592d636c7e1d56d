import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import Handlebars from 'handlebars'
import { HubError } from '../runtime/contract/errors.ts'

/** Renders a Handlebars template of `codegen/templates`, or the user's own of the same name. */
export interface Templates {
  /** `name` without `.hbs`. Data are plain values; nothing is escaped as HTML. */
  render(name: string, data: object): string
  /** Changes when any template does. */
  readonly digest: string
}

const ownFolder = join(import.meta.dirname, 'templates')

/** The folder a user's own templates lie in, seen from hub.config.yaml. */
export const userTemplates = join('codegen', 'templates')

/** Reads the hub's templates and, where `folder` has some of the same names, those instead. Rejects HUB_CONFIG_FILE for one that takes no template's place. */
export async function readTemplates(folder?: string): Promise<Templates> {
  const own = await readFolder(ownFolder)
  const given = folder === undefined ? new Map<string, string>() : await readFolder(folder)
  const unknown = [...given.keys()].filter((name) => !own.has(name) && !name.startsWith('_'))
  if (unknown.length > 0) {
    const known = [...own.keys()].toSorted().join(', ')
    throw new HubError(
      'HUB_CONFIG_FILE',
      `${unknown[0]}.hbs in ${userTemplates} takes the place of no template; there are ${known}; names that begin with _ are parts of your own`,
    )
  }
  return createTemplates(new Map([...own, ...given]))
}

/** Files whose coming, change or going changes templates: the user's that are there, and those that may come. */
export async function templateFiles(folder: string): Promise<readonly string[]> {
  const [own, given] = await Promise.all([namesIn(ownFolder), namesIn(folder)])
  return [...new Set([...own, ...given])].map((name) => join(folder, name))
}

/** Templates from their texts by name; each is also a partial of the others. Compiled on first use, once. */
export function createTemplates(texts: ReadonlyMap<string, string>): Templates {
  const handlebars = Handlebars.create()
  for (const [name, text] of texts) handlebars.registerPartial(name, text)
  const compiled = new Map<string, Handlebars.TemplateDelegate>()
  const template = (name: string): Handlebars.TemplateDelegate => {
    const known = compiled.get(name)
    if (known) return known
    const text = texts.get(name)
    if (text === undefined) throw new HubError('HUB_INTERNAL', `there is no template ${name}`)
    const made = handlebars.compile(text, { noEscape: true, strict: true, preventIndent: true })
    compiled.set(name, made)
    return made
  }
  const sorted = [...texts].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return {
    digest: createHash('sha256').update(JSON.stringify(sorted)).digest('hex'),
    render(name, data) {
      try {
        return template(name)(data)
      } catch (error) {
        if (error instanceof HubError) throw error
        const what = error instanceof Error ? error.message : String(error)
        throw new HubError('HUB_CONFIG_VALUE', `the template ${name}.hbs cannot be rendered: ${what}`, {}, error)
      }
    },
  }
}

async function readFolder(folder: string): Promise<Map<string, string>> {
  const names = await namesIn(folder)
  return new Map(
    await Promise.all(names.map(async (name) => [name.slice(0, -4), (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n')] as const)),
  )
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => name.endsWith('.hbs')).toSorted()
}
