import type { HubConfig, IssuerConfig } from '../../runtime/contract/manifest.ts'
import { roles } from '../../runtime/contract/principal.ts'
import { settingChanges } from './connectors.ts'
import { members, numbers, rateChanges, roleMapChanges } from './policy.ts'
import { change, type Change, type Entry } from './report.ts'
import { bytesText } from './units.ts'

const listsOfMore = { joined: 'looser', left: 'tighter' } as const

/** What of hub.config.yaml itself changed: who may come in, from where, how often, and what may be reached. */
export function compareHub(before: HubConfig | undefined, after: HubConfig | undefined): readonly Entry[] {
  if (!before || !after) return []
  const [limits, was] = [after.limits, before.limits]
  const changes: readonly Change[] = [
    ...modeChange(before.auth.mode, after.auth.mode),
    ...issuerChanges(before.auth.issuers, after.auth.issuers),
    ...members('auth.cors', before.auth.cors, after.auth.cors, listsOfMore, 'may call from a browser', 'may no longer call from a browser'),
    ...members('auth.hosts', before.auth.hosts, after.auth.hosts, listsOfMore, 'is a name of this hub', 'is no longer a name of this hub'),
    ...rateChanges('limits.principal', was.principal, limits.principal),
    ...rateChanges('limits.organisation', was.organisation, limits.organisation),
    ...numbers('limits.body', was.bodyBytes, limits.bodyBytes, bytesText),
    ...numbers('limits.concurrency', was.concurrency, limits.concurrency, String),
    ...members('egress.allow', before.egress.allow, after.egress.allow, listsOfMore, 'may be reached', 'may no longer be reached'),
    ...settingChanges(
      { name: before.name, listen: before.listen, publicUrl: before.publicUrl, stores: before.stores },
      { name: after.name, listen: after.listen, publicUrl: after.publicUrl, stores: after.stores },
      'config',
    ),
  ]
  return changes.length === 0 ? [] : [{ sort: 'hub', name: 'hub.config.yaml', state: 'changed', changes }]
}

type Mode = HubConfig['auth']['mode']

/** Keys and tokens are ways in; callers of this machine are another matter, so that a change from or to them is neither. */
function modeChange(before: Mode, after: Mode): readonly Change[] {
  if (before === after) return []
  const [old, fresh] = [before.split('+'), after.split('+')]
  const isMore = old.every((way) => fresh.includes(way))
  const isLess = fresh.every((way) => old.includes(way))
  return [{ ...change(isMore ? 'looser' : isLess ? 'tighter' : 'neutral', 'policy', `${before} → ${after}`), path: 'auth.mode' }]
}

function issuerChanges(before: readonly IssuerConfig[], after: readonly IssuerConfig[]): readonly Change[] {
  const urls = (issuers: readonly IssuerConfig[]): readonly string[] => issuers.map(({ url }) => url)
  const both = before.flatMap((issuer) => {
    const fresh = after.find(({ url }) => url === issuer.url)
    return fresh ? [[issuer, fresh] as const] : []
  })
  return [
    ...members('auth.issuers', urls(before), urls(after), listsOfMore, 'is trusted', 'is no longer trusted'),
    ...both.flatMap(([old, fresh]) => issuerChange(old, fresh)),
  ]
}

function issuerChange(before: IssuerConfig, after: IssuerConfig): readonly Change[] {
  const path = `auth.issuers.${before.url}`
  const more = roles.indexOf(after.defaultRole) - roles.indexOf(before.defaultRole)
  const rest = ({ audience, jwks, algorithms, organisationClaim, roleClaim }: IssuerConfig): unknown => ({
    audience,
    jwks,
    algorithms,
    organisationClaim,
    roleClaim,
  })
  return [
    ...roleMapChanges(`${path}.roles`, before.roleMap, after.roleMap),
    ...(more === 0
      ? []
      : [
          {
            verdict: more > 0 ? ('looser' as const) : ('tighter' as const),
            part: 'policy',
            path: `${path}.defaultRole`,
            message: `${before.defaultRole} → ${after.defaultRole}`,
          },
        ]),
    ...settingChanges(rest(before), rest(after), path),
  ]
}
