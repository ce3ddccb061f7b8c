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

/** The lines of `--help` about the exit codes. */
export const exitCodeHelp = `
Exit codes:
  0  done, and the plugin accepted
  1  the plugin rejected, or a test failed
  2  the command was used wrongly
  3  the plugin is at fault
  4  the host refused the plugin or the call`;

/** The command was used wrongly. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
