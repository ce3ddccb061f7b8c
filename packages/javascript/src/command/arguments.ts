import { parseArgs } from 'node:util';

import type { BuildLimits } from '../build/build-options.js';

/** What the command is asked to do. */
export interface Command {
  entry: string;
  output: string;
  minify: boolean;
  rehearse: boolean;
  sourcemap: boolean;
  json: boolean;
  /** Files with samples of a context. */
  samples: string[];
  limits: BuildLimits;
}

/** The command line is wrong. The message says how. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export const usage = `Usage: hookcell-js <entry> -o <plugin.wasm> [options]

Builds a hookcell plugin from a module in JavaScript or TypeScript. Its exported functions are the hooks.

  -o, --output <file>        where the plugin goes
      --minify               shorten names; backtraces then have short names of functions, too
      --no-sourcemap         leave out the source map; backtraces then have lines of the bundle
      --sample <file>        a context as JSON, or an array of contexts: the plugin reads such contexts faster (repeatable)
      --rehearse             run the hooks on the samples; what they leave in variables stays in the plugin
      --max-bytes <number>   the largest plugin (default 4194304)
      --max-fuel <number>    the most work of the build (default 10000000000)
      --timeout-ms <number>  the most milliseconds to bundle, and to run in each of two sandboxes (default 30000)
      --json                 write the report, or what is wrong, to standard output as JSON
  -h, --help                 show this
  -v, --version              show the version

Exit codes: 0 the plugin is built; 1 the machine or hookcell failed; 2 the command line is wrong; 3 the source makes no plugin.
`;

const options = {
  output: { type: 'string', short: 'o' },
  minify: { type: 'boolean' },
  'no-sourcemap': { type: 'boolean' },
  sample: { type: 'string', multiple: true },
  rehearse: { type: 'boolean' },
  'max-bytes': { type: 'string' },
  'max-fuel': { type: 'string' },
  'timeout-ms': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Reads the arguments. @throws {UsageError} */
export function parseCommand(args: readonly string[]): Command | 'help' | 'version' {
  const { values, positionals } = parse(args);
  if (values.help === true || values.version === true) {
    return values.help === true ? 'help' : 'version';
  }
  const [entry, extra] = positionals;
  if (entry === undefined || extra !== undefined) {
    throw new UsageError(entry === undefined ? 'name the entry of the plugin' : `one entry, not also ${extra}`);
  }
  if (values.output === undefined || values.output === '') {
    throw new UsageError('name the plugin to write, with -o plugin.wasm');
  }
  return {
    entry,
    output: values.output,
    minify: values.minify ?? false,
    rehearse: values.rehearse ?? false,
    sourcemap: values['no-sourcemap'] !== true,
    json: values.json ?? false,
    samples: values.sample ?? [],
    limits: {
      maxModuleBytes: number('max-bytes', values['max-bytes']),
      maxFuel: number('max-fuel', values['max-fuel']),
      timeoutMs: number('timeout-ms', values['timeout-ms']),
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function number(name: string, text: string | undefined): number | undefined {
  if (text !== undefined && !/^\d{1,16}$/.test(text)) {
    throw new UsageError(`--${name} must be a whole number, got ${text}`);
  }
  return text === undefined ? undefined : Number(text);
}
