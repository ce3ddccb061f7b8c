import { Command } from 'commander';

import { addAnnotate } from './commands/annotate.js';
import { addBench } from './commands/bench.js';
import { addBuild } from './commands/build.js';
import { addCompletions } from './commands/completions.js';
import { addDoctor } from './commands/doctor.js';
import { addInit } from './commands/init.js';
import { addInspect } from './commands/inspect.js';
import { addReplay } from './commands/replay.js';
import { addRun } from './commands/run.js';
import { addTest } from './commands/test.js';
import { addTypes } from './commands/types.js';
import { exitCodeHelp, exitCodes } from './exit.js';

/** The command `hookcell` with all of its commands. */
export function makeProgram(): Command {
  const { version } = require('../package.json') as { version: string };
  const program = new Command('hookcell')
    .description('Makes, builds, inspects, runs, tests and measures hookcell plugins.')
    .version(version)
    .showHelpAfterError('(--help shows the options and an example)')
    .addHelpText('after', exitCodeHelp)
    .exitOverride();
  addInit(program);
  addBuild(program);
  addInspect(program);
  addRun(program);
  addTest(program);
  addReplay(program);
  addBench(program);
  addAnnotate(program);
  addTypes(program);
  addDoctor(program);
  addCompletions(program);
  return program;
}

/** Runs the command with these arguments, and sets the exit code of the process. */
export async function runProgram(args: readonly string[]): Promise<void> {
  try {
    await makeProgram().parseAsync(args, { from: 'user' });
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
