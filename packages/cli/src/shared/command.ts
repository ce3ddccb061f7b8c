import type { Command } from 'commander';
import { HookcellError } from 'hookcell';

import { exitCodeHelp, exitCodes, UsageError } from '../exit.js';
import type { ExitCode, ExitName } from '../exit.js';
import { Output } from '../terminal/output.js';

/** What a command does with its arguments and options. */
type Action = (...args: never[]) => Promise<ExitCode>;

/** Adds examples to `--help`, and the exit codes that the command can end with. */
export function addHelp(command: Command, exits: readonly ExitName[], ...examples: readonly string[]): void {
  const lines = examples.map((example) => `  $ ${example}`);
  const heading = lines.length === 1 ? 'Example' : 'Examples';
  command.addHelpText('after', `\n${heading}:\n${lines.join('\n')}\n${exitCodeHelp(exits)}`);
}

/** An action that sets the exit code of the process, also if it throws. */
export function withExit(action: Action): (...args: unknown[]) => Promise<void> {
  return async (...args) => {
    const isJson = args.some(
      (arg) => typeof arg === 'object' && arg !== null && (arg as { json?: unknown }).json === true,
    );
    try {
      process.exitCode = await action(...(args as never[]));
    } catch (error) {
      process.exitCode = reportError(error, new Output(isJson));
    }
  };
}

function reportError(error: unknown, output: Output): ExitCode {
  if (error instanceof HookcellError) {
    const { code, message, limit } = error;
    output.result({ refused: { code, message, ...(limit === undefined ? {} : { limit }) } });
    output.refused(error);
    return exitCodes.refused;
  }
  if (error instanceof UsageError) {
    output.error(error.message);
    return exitCodes.usage;
  }
  throw error;
}
