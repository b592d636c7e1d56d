import { HubError } from '../../runtime/contract/errors.ts'
import { manifestBytes } from '../../runtime/manifest/read.ts'

/** Throws HUB_CONFIG_VALUE for a manifest the hub would not read; `choose` says how to take less. */
export function checkSize(manifest: string, tools: number, choose: string): void {
  const bytes = Buffer.byteLength(manifest)
  if (bytes <= manifestBytes) return
  const size = `${(bytes / 1_048_576).toFixed(1)} mb`
  throw new HubError('HUB_CONFIG_VALUE', `its ${tools} tools make a manifest of ${size}, and the hub reads at most 1 mb: ${choose}`)
}
