// What npm's errors mean to a newcomer, and the way on.

const causes = [
  {
    sign: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|network request/,
    what: 'npm cannot reach its package registry',
    wayOn: ['check the network; behind a proxy set `npm config set proxy` and `https-proxy`', 'then run the same command again: it goes on where it stopped'],
  },
  { sign: /ENOSPC/, what: 'the disk is full', wayOn: ['make room (about 1 GB is needed), then run the same command again'] },
  {
    sign: /CERT_|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)/,
    what: 'the certificate of the package registry is not trusted here',
    wayOn: ['point npm at your organisation’s certificate: `npm config set cafile <file>`'],
  },
  { sign: /EACCES|EPERM|EROFS/, what: 'npm may not write here', wayOn: ['run in a folder you own, without sudo'] },
  {
    sign: /E401|E403|authentication token/,
    what: 'the package registry refuses this machine',
    wayOn: ['check the credentials in your .npmrc, or run `npm login`'],
  },
  { sign: /EUSAGE|in sync/, what: 'package.json and package-lock.json do not fit together', wayOn: ['run `npm install` and commit package-lock.json'] },
  { sign: /EINTEGRITY/, what: 'a downloaded package is damaged', wayOn: ['run `npm cache clean --force`, then the same command again'] },
  { sign: /ENOENT.*npm|spawn npm/, what: 'npm is not on the PATH', wayOn: ['install npm 10 or newer'] },
]

const prefix = /^npm (error|ERR!)\s*/

/** What failed in one line, and lines that tell the way on, from what npm printed. */
export function explainFailure(output) {
  const cause = causes.find(({ sign }) => sign.test(output))
  const lines = output.split('\n').filter((line) => prefix.test(line))
  // npm 10 writes the path of its log into a line of its own.
  const [, log] = /complete log of this run can be found in:\s*(?:npm (?:error|ERR!)\s*)?(\S.*)/.exec(output) ?? []
  const said = lines.filter((line) => !(log !== undefined && (line.includes('complete log of this run') || line.includes(log)))).slice(0, 6)
  const whole = log === undefined ? [] : [`the whole log: ${log.trimEnd()}`]
  if (!cause) return ['npm could not install the packages', [...said, ...whole, 'run `npm ci` to see it again']]
  return [cause.what, [...cause.wayOn, ...said.map((line) => `npm said: ${line.replace(prefix, '')}`), ...whole]]
}
