/** The components that can come from a container, by the names that docker-compose.yml gives them. */
export const containerComponents = ['redis', 'redpanda', 'timescale', 'clickhouse'] as const

export type ContainerComponent = (typeof containerComponents)[number]

/** Whether HUB_TEST_CONTAINERS asks for this component from a container: `1` for all of them, or a list with commas. */
export function inContainer(component: ContainerComponent, asked = process.env['HUB_TEST_CONTAINERS'] ?? ''): boolean {
  const words = asked
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  const unknown = words.find((word) => word !== '1' && !containerComponents.some((known) => known === word))
  if (unknown !== undefined) {
    throw new Error(
      `HUB_TEST_CONTAINERS has "${unknown}", which is no component: it is 1 for all, or some of ${containerComponents.join(', ')}, with commas between`,
    )
  }
  return words.includes('1') || words.includes(component)
}
