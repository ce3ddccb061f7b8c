import type { Command } from 'commander';

import { openRuntime } from '../calls/author-runtime.js';
import { exitCodes } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { named, readBytes } from '../input/files.js';
import { addLimitFlags, chosenLimits } from '../input/limit-flags.js';
import { describeInspection, inspectionJson } from '../module/inspection-report.js';
import { inspect } from '../module/inspection.js';
import { judge } from '../module/needed-limits.js';
import { Output } from '../terminal/output.js';
import { addHelp, withExit } from '../shared/command.js';

/** `hookcell inspect`: what is in a module, and what the host says about it. It never runs the plugin. */
export function addInspect(program: Command): void {
  const command = program
    .command('inspect')
    .summary('show what is in a plugin, and what the host says about it')
    .description('Shows what is in a plugin, and what the host says about it. The plugin never runs.')
    .argument('<plugin.wasm>', 'the plugin; - is standard input')
    .option('--json', 'write JSON to standard output');
  addLimitFlags(command);
  addHelp(command, ['ok', 'usage', 'refused'], 'hookcell inspect plugin.wasm --json | jq .verdict');
  command.action(withExit(inspectPlugin));
}

async function inspectPlugin(file: string, options: Record<string, unknown>): Promise<ExitCode> {
  const output = new Output(options['json'] === true);
  const module = await readBytes(file);
  const inspection = inspect(module);
  const runtime = openRuntime();
  try {
    const verdict = await judge(runtime, named(file), module, chosenLimits(options));
    output.result(inspectionJson(inspection, verdict));
    output.print(describeInspection(inspection, verdict, output.paint));
    return verdict.refusal === undefined && verdict.needed.length === 0 ? exitCodes.ok : exitCodes.refused;
  } finally {
    await runtime.close({ interrupt: true });
  }
}
