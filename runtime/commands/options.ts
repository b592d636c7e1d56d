import type { Command } from 'commander'

/** Options of every command that reads the manifests. */
export interface ConfigOptions {
  readonly config?: string
}

/** Options of commands that speak to a hub. */
export interface AccessOptions extends ConfigOptions {
  readonly url?: string
  readonly key?: string
}

/** Options of commands that serve the manifests. */
export interface ServeOptions extends ConfigOptions {
  /** The folder of generated files, or true for the usual one. */
  readonly frozen?: string | true
}

/** Which endpoint standard input and output carry. */
export interface StdioOptions extends ServeOptions {
  readonly connector?: string
  readonly toolset?: string
}

/** Adds --config. */
export const addConfigOption = (command: Command): Command =>
  command.option('-c, --config <file>', 'the hub.config.yaml to use; found here or in a folder above')

/** Adds --config and --frozen. */
export const addServeOptions = (command: Command): Command =>
  addConfigOption(command).option('--frozen [folder]', 'serve only manifests that generated/, or that folder, was generated from')

/** Adds --config, --url and --key. */
export const addAccessOptions = (command: Command): Command =>
  addConfigOption(command)
    .option('--url <address>', 'a hub elsewhere, instead of the one of this folder')
    .option('--key <key>', 'the API key or token to show it; better in HUB_KEY')
