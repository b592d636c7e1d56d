/** A hub that is connected to nothing but itself. */
export const plainHub = {
  'hub.config.yaml': `
hub: { name: plain, listen: '127.0.0.1:0' }
manifests: [connectors/*.yaml]
stores: { postgres: embedded, redis: embedded }
auth: { mode: '\${HUB_AUTH:-local}' }
`,
  'connectors/hub.yaml': `
connector: hub
kind: hub
summary: The hub itself.
`,
}
