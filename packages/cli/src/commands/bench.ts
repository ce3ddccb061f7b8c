import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { HookContext, PluginInfo } from 'hookcell';

import { benchJson, describeBench } from '../bench/bench-report.js';
import { fixtureSubjects, scaledSubjects } from '../bench/contexts.js';
import type { Subject } from '../bench/contexts.js';
import { measure } from '../bench/measure.js';
import { openRuntime } from '../calls/author-runtime.js';
import { PluginFile } from '../calls/plugin-file.js';
import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { readFixtures } from '../fixtures/fixture-file.js';
import { expectOneStdin, readJson } from '../input/files.js';
import { addGrantFlags, chosenGrants } from '../input/grant-flags.js';
import type { GrantFlags } from '../input/grant-flags.js';
import { addLimitFlags, chosenLimits } from '../input/limit-flags.js';
import { Output } from '../terminal/output.js';
import { addHelp, withExit } from '../shared/command.js';

interface BenchOptions extends GrantFlags {
  context?: string;
  fixtures?: string;
  hook: string;
  scale: number[];
  calls: number;
  compare?: string;
  json?: true;
}

const MOST_CALLS = 1_000_000;
const MOST_SCALE = 10_000;

/** `hookcell bench`: what calls with contexts of several sizes use, and which limits suit them. */
export function addBench(program: Command): void {
  const command = program
    .command('bench')
    .summary('measure the calls of a plugin over contexts of several sizes')
    .description('Measures time and fuel of calls over contexts of several sizes, and suggests maxFuel and timeoutMs.')
    .argument('<plugin.wasm>', 'the plugin; - is standard input')
    .option(
      '--context <file>',
      'a context as JSON, whose arrays are repeated for the larger sizes; - is standard input',
    )
    .option('--fixtures <path>', 'a folder of fixtures, or one file: their contexts as they are')
    .option('--hook <name>', 'the hook to call with --context', 'before_hook')
    .option('--scale <factors>', 'sizes of the context of --context', parseFactors, [1, 4, 16])
    .option('--calls <number>', 'calls for each size, for at most 5 seconds', parseCalls, 200)
    .option('--compare <other.wasm>', 'another plugin, called in turns with the first')
    .option('--json', 'write JSON to standard output');
  addLimitFlags(addGrantFlags(command));
  addHelp(
    command,
    ['ok', 'usage', 'fault', 'refused'],
    'hookcell bench plugin.wasm --context order.json --compare old.wasm',
  );
  command.action(withExit(bench));
}

async function bench(file: string, options: BenchOptions): Promise<ExitCode> {
  expectOneStdin(file, options.context, options.compare, options.config);
  const output = new Output(options.json === true);
  const subjects = await readSubjects(options);
  const files = options.compare === undefined ? [file] : [file, options.compare];
  const plugins = await Promise.all(files.map((each) => PluginFile.read(each)));
  const runtime = openRuntime();
  try {
    const infos: PluginInfo[] = [];
    for (const [index, plugin] of plugins.entries()) {
      const loadOptions = { isolate: false, ...chosenLimits({ ...options }) };
      infos.push(await runtime.loadPluginBytes(`${index} ${plugin.name}`, plugin.bytes, loadOptions));
    }
    const rows = subjects.map((subject) => measure(runtime, infos, subject, options.calls));
    const benched = plugins.map((plugin, index) => ({ plugin, rows: rows.flatMap((row) => row[index] ?? []) }));
    output.result(benchJson(benched));
    output.print(describeBench(benched, output.paint));
    const hasFaulted = benched.some((each) => each.rows.some(({ outcomes }) => outcomes.faulted > 0));
    return hasFaulted ? exitCodes.fault : exitCodes.ok;
  } finally {
    await runtime.close({ interrupt: true });
  }
}

async function readSubjects({ context, fixtures, hook, scale, ...options }: BenchOptions): Promise<Subject[]> {
  if ((context === undefined) === (fixtures === undefined)) {
    throw new UsageError('either --context or --fixtures must say what to call the plugin with');
  }
  const grants = await chosenGrants(options);
  return fixtures === undefined
    ? scaledSubjects(hook, (await readJson(context as string)) as HookContext, grants, scale)
    : fixtureSubjects(await readFixtures(fixtures), grants);
}

function parseFactors(text: string): number[] {
  return text.split(',').map((factor) => parseWhole(factor, MOST_SCALE));
}

function parseCalls(text: string): number {
  return parseWhole(text, MOST_CALLS);
}

function parseWhole(text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most) {
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${most}.`);
  }
  return value;
}
