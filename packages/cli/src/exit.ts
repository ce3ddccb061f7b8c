/** What the exit code of every command means. */
export const exitCodes = {
  /** The command did what it was asked, and the plugin accepted. */
  ok: 0,
  /** The plugin rejected, or a test failed. */
  failed: 1,
  /** The command was used wrongly: an unknown option, a file that is not there, JSON that is not valid. */
  usage: 2,
  /** The plugin is at fault: it trapped, exceeded a limit, or broke the contract. */
  fault: 3,
  /** The host refused the plugin or the call. */
  refused: 4,
} as const;

/** An exit code of a command. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The name of an exit code. */
export type ExitName = keyof typeof exitCodes;

const meanings: Record<ExitName, string> = {
  ok: 'done, and the plugin accepted',
  failed: 'the plugin rejected, or a test failed',
  usage: 'the command was used wrongly',
  fault: 'the plugin is at fault',
  refused: 'the host refused the plugin or the call',
};

/** The lines of `--help` about these exit codes. */
export function exitCodeHelp(names: readonly ExitName[]): string {
  return ['', 'Exit codes:', ...names.map((name) => `  ${exitCodes[name]}  ${meanings[name]}`)].join('\n');
}

/** The command was used wrongly. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
