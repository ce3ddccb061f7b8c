import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { JsonValue } from 'hookcell';

import type { Grants } from '../calls/grants.js';
import { readJson } from './files.js';

/** The flags of a command that say what a plugin gets beside the context. */
export interface GrantFlags {
  config?: string;
  now?: number;
  seed?: string;
}

/** Adds `--config`, `--now` and `--seed`. */
export function addGrantFlags(command: Command): Command {
  return command
    .option('--config <file>', "the plugin's configuration as JSON; - is standard input")
    .option(
      '--now <time>',
      'the time that the plugin gets: milliseconds since 1970, or 2026-05-28T20:26:40Z',
      parseTime,
    )
    .option('--seed <text>', 'the seed that the plugin gets');
}

/** What the flags grant. */
export async function chosenGrants({ config, now, seed }: GrantFlags): Promise<Grants> {
  return {
    ...(config === undefined ? {} : { config: (await readJson(config)) as JsonValue }),
    ...(now === undefined ? {} : { now }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function parseTime(text: string): number {
  const ms = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(new Date(ms).getTime())) {
    throw new InvalidArgumentError('It must be milliseconds since 1970, or a time like 2026-05-28T20:26:40Z.');
  }
  return ms;
}
