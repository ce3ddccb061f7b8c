import type { Command } from 'commander';
import { HookcellError } from 'hookcell';

import { exitCodeHelp, exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { Output } from '../terminal/output.js';

/** What a command does with its arguments and options. */
type Action = (...args: never[]) => Promise<ExitCode>;

/** Adds examples and the exit codes to `--help`. */
export function addExample(command: Command, ...examples: readonly string[]): void {
  const lines = examples.map((example) => `  $ ${example}`);
  command.addHelpText(
    'after',
    `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('\n')}\n${exitCodeHelp}`,
  );
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
