import type { Command } from 'commander';

import { openRuntime } from '../calls/author-runtime.js';
import { describeCall } from '../calls/call-report.js';
import { contextBytes } from '../calls/call.js';
import { exitCodeOf, kindOf } from '../calls/outcome.js';
import { PluginFile } from '../calls/plugin-file.js';
import { exitCodes } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { readFixtures } from '../fixtures/fixture-file.js';
import { describeFailure, fixturesJson, hasPassed } from '../fixtures/fixture-report.js';
import { otherPlugin, runFixtures } from '../fixtures/fixture-run.js';
import type { FixtureRun } from '../fixtures/fixture-run.js';
import { hookOf } from '../fixtures/fixture.js';
import { addGrantFlags, chosenGrants } from '../input/grant-flags.js';
import type { GrantFlags } from '../input/grant-flags.js';
import { addLimitFlags, chosenLimits, limitsInForce } from '../input/limit-flags.js';
import type { ChosenLimits } from '../input/limit-flags.js';
import { Output } from '../terminal/output.js';
import { shown, shownJson } from '../terminal/shown-text.js';
import { addHelp, withExit } from '../shared/command.js';
import { onceOrWatching } from '../shared/watch.js';

interface ReplayOptions extends GrantFlags {
  plugin: string;
  watch?: true;
  json?: true;
}

/** `hookcell replay`: makes recorded calls again, and shows all of each. */
export function addReplay(program: Command): void {
  const command = program
    .command('replay')
    .summary('make recorded calls again')
    .description(
      'Makes recorded calls again. Shows what each got, what it changed now, and whether it ended as recorded. Exits with ' +
        'the highest code of all calls, as run does.',
    )
    .argument('<recordings>', 'a folder of recorded calls or fixtures, or one file')
    .option('--plugin <file>', 'the plugin', 'plugin.wasm')
    .option('--watch', 'make the calls again when the plugin or a recording changes')
    .option('--json', 'write JSON to standard output');
  addLimitFlags(addGrantFlags(command));
  addHelp(
    command,
    ['ok', 'failed', 'usage', 'fault', 'refused'],
    'hookcell replay recordings --plugin plugin.wasm --watch',
  );
  command.action(withExit(replay));
}

function replay(recordings: string, options: ReplayOptions): Promise<ExitCode> {
  const output = new Output(options.json === true);
  const watched = { files: [options.plugin, recordings] };
  return onceOrWatching(options, watched, output, () => replayOnce(recordings, options, output));
}

async function replayOnce(recordings: string, options: ReplayOptions, output: Output): Promise<ExitCode> {
  const files = await readFixtures(recordings);
  const plugin = await PluginFile.read(options.plugin);
  const limits = chosenLimits({ ...options });
  const grants = await chosenGrants(options);
  const runtime = openRuntime();
  const runs: FixtureRun[] = [];
  let highest: ExitCode = exitCodes.ok;
  try {
    for await (const run of runFixtures(runtime, plugin, files, { limits, grants })) {
      runs.push(run);
      output.print(`${describeReplay(run, plugin, limits, output)}\n`);
      const code = exitCodeOf[kindOf(run.made.outcome)];
      highest = code > highest ? code : highest;
    }
  } finally {
    await runtime.close({ interrupt: true });
  }
  output.result(fixturesJson(plugin, runs, new Set()));
  return highest;
}

/** Everything about a call: nothing is cut, because nothing leaves this machine. */
function describeReplay(run: FixtureRun, plugin: PluginFile, limits: ChosenLimits, { paint }: Output): string {
  const { fixture, name, grants, made } = run;
  const { context, expected } = fixture;
  const other = otherPlugin(run, plugin);
  const inForce = limitsInForce(
    { ...limits, ...fixture.limits },
    made.info?.declaredLimits,
    contextBytes(context, grants),
  );
  const parts = [
    `${paint('bold', shown(name))}  ${shown(hookOf(fixture))}`,
    other === undefined ? '' : paint('dim', `recorded with another plugin: ${other}`),
    shownJson({ ...context, ...grants }, 2),
    describeCall({ ...made, plugin, hook: hookOf(fixture), context, limits: inForce }, paint),
    expected === undefined ? '' : compare(run, paint),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function compare(run: FixtureRun, paint: Output['paint']): string {
  return hasPassed(run)
    ? paint('green', 'the same as recorded')
    : `${paint('yellow', 'not the same as recorded')}\n${describeFailure(run, paint)}`;
}
