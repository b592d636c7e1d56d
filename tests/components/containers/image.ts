import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ContainerComponent } from './switch.ts'

const compose = join(import.meta.dirname, '..', '..', '..', 'docker-compose.yml')

/** The image of a component with its version, as docker-compose.yml runs it on a laptop: the one place that says so. */
export function imageOf(component: ContainerComponent): string {
  const { services } = parse(readFileSync(compose, 'utf8')) as { readonly services: Readonly<Record<string, { readonly image?: string }>> }
  const image = services[component]?.image
  if (image === undefined) throw new Error(`docker-compose.yml names no image for ${component}: give services.${component}.image`)
  return image
}
