import { Command } from 'commander';

import { exitCodeHelp, exitCodes } from './exit.js';
import type { ExitName } from './exit.js';

/** Adds a command to the program. */
type Add = (program: Command) => void;

/** The commands in the order of `--help`. Each loads what it needs only if it is used, so that it starts at once. */
const commands: Readonly<Record<string, () => Add>> = {
  init: () => (require('./commands/init.js') as typeof import('./commands/init.js')).addInit,
  build: () => (require('./commands/build.js') as typeof import('./commands/build.js')).addBuild,
  inspect: () => (require('./commands/inspect.js') as typeof import('./commands/inspect.js')).addInspect,
  run: () => (require('./commands/run.js') as typeof import('./commands/run.js')).addRun,
  test: () => (require('./commands/test.js') as typeof import('./commands/test.js')).addTest,
  replay: () => (require('./commands/replay.js') as typeof import('./commands/replay.js')).addReplay,
  bench: () => (require('./commands/bench.js') as typeof import('./commands/bench.js')).addBench,
  playground: () => (require('./commands/playground.js') as typeof import('./commands/playground.js')).addPlayground,
  status: () => (require('./status/status.js') as typeof import('./status/status.js')).addStatus,
  annotate: () => (require('./commands/annotate.js') as typeof import('./commands/annotate.js')).addAnnotate,
  keygen: () => (require('./trust/keygen.js') as typeof import('./trust/keygen.js')).addKeygen,
  sign: () => (require('./trust/sign.js') as typeof import('./trust/sign.js')).addSign,
  verify: () => (require('./trust/verify.js') as typeof import('./trust/verify.js')).addVerify,
  types: () => (require('./commands/types.js') as typeof import('./commands/types.js')).addTypes,
  doctor: () => (require('./commands/doctor.js') as typeof import('./commands/doctor.js')).addDoctor,
  worker: () => (require('./jobs/worker.js') as typeof import('./jobs/worker.js')).addWorker,
  completions: () =>
    (require('./commands/completions.js') as typeof import('./commands/completions.js')).addCompletions,
};

/** The command whose output names every command. */
const NEEDS_ALL = 'completions';

/** The command `hookcell` with the command that these arguments name, or with all of them. */
export function makeProgram([name = '']: readonly string[] = []): Command {
  const { version } = require('../package.json') as { version: string };
  const program = new Command('hookcell')
    .description('Makes, builds, inspects, runs, tests and measures hookcell plugins.')
    .version(version)
    .showHelpAfterError('(--help shows the options and an example)')
    .addHelpText('after', exitCodeHelp(Object.keys(exitCodes) as ExitName[]))
    .exitOverride();
  const isOne = Object.hasOwn(commands, name) && name !== NEEDS_ALL;
  for (const [each, load] of Object.entries(commands)) {
    if (!isOne || each === name) {
      load()(program);
    }
  }
  return program;
}

/** Runs the command with these arguments, and sets the exit code of the process. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await makeProgram(args).parseAsync(args, { from: 'user' });
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !code.startsWith('commander.')) {
      throw error;
    }
    // Commander has told what is wrong, or shown the help that was asked for.
    const isHelp = (error as { exitCode?: unknown }).exitCode === 0;
    process.exitCode = isHelp ? exitCodes.ok : exitCodes.usage;
  }
}
