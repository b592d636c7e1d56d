import { InvalidArgumentError, type Command } from 'commander'
import { findConfigFile } from './config-file.ts'
import { exits } from './exits.ts'
import { addServeOptions, type ServeOptions } from './options.ts'

const help = `
Examples:
  hub serve
  hub serve --port 9000
  hub serve --frozen            refuse manifests that differ from generated/, at the start and while it runs
  HUB_ENV=production HUB_AUTH=keys HUB_LISTEN=0.0.0.0:8080 hub serve

Manifests are watched: an edit is served within a second, a bad one is reported and the old plan stays. HUB_LOG=info|debug tells more.`

/** `hub serve`: serves until it is told to stop. */
export function addServe(program: Command, finish: (exit: number) => void): void {
  addServeOptions(
    program
      .command('serve')
      .description('serve every manifest over HTTP')
      .option('-p, --port <number>', 'another port than the configuration names; 0 takes a free one', readPort)
      .addHelpText('after', help),
  ).action(async (options: ServeOptions & { port?: number }) => {
    const { serve } = await import('./serving.ts')
    await serve(findConfigFile(options.config), options)
    finish(exits.ok)
  })
}

function readPort(text: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535')
}
