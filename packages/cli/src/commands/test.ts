import type { Command } from 'commander';

import { openRuntime } from '../calls/author-runtime.js';
import { PluginFile } from '../calls/plugin-file.js';
import { exitCodes } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { readFixtures } from '../fixtures/fixture-file.js';
import { describeRun, fixturesJson, hasPassed } from '../fixtures/fixture-report.js';
import { runFixtures } from '../fixtures/fixture-run.js';
import type { FixtureRun } from '../fixtures/fixture-run.js';
import { junitReport } from '../fixtures/junit.js';
import { addGrantFlags, chosenGrants } from '../input/grant-flags.js';
import type { GrantFlags } from '../input/grant-flags.js';
import { addLimitFlags, chosenLimits } from '../input/limit-flags.js';
import { counted } from '../terminal/numbers.js';
import { Output } from '../terminal/output.js';
import { addHelp, withExit } from '../shared/command.js';
import { onceOrWatching } from '../shared/watch.js';

interface TestOptions extends GrantFlags {
  plugin: string;
  update?: true;
  watch?: true;
  reporter: 'text' | 'junit';
  json?: true;
}

/** `hookcell test`: makes the calls of fixtures, and compares how they end with what the fixtures expect. */
export function addTest(program: Command): void {
  const command = program
    .command('test')
    .summary('test a plugin with fixtures')
    .description('Makes the call of each fixture, and compares how it ends with what the fixture expects.')
    .argument('[fixtures]', 'a folder of fixtures, or one file', 'fixtures')
    .option('--plugin <file>', 'the plugin', 'plugin.wasm')
    .option('--update', 'write the outcome of each failed fixture as what it expects')
    .option('--watch', 'test again when the plugin or a fixture changes')
    .option('--json', 'write JSON to standard output');
  command.addOption(
    command.createOption('--reporter <name>', 'how to report').choices(['text', 'junit']).default('text'),
  );
  addLimitFlags(addGrantFlags(command));
  addHelp(
    command,
    ['ok', 'failed', 'usage'],
    'hookcell test fixtures --plugin plugin.wasm',
    'hookcell test --reporter junit > report.xml',
  );
  command.action(withExit(test));
}

function test(fixtures: string, options: TestOptions): Promise<ExitCode> {
  // Only one report can be on standard output.
  const output = new Output(options.json === true);
  const watched = { files: [options.plugin, fixtures] };
  return onceOrWatching(options, watched, output, () => testOnce(fixtures, options, output));
}

async function testOnce(fixtures: string, options: TestOptions, output: Output): Promise<ExitCode> {
  const files = await readFixtures(fixtures);
  const plugin = await PluginFile.read(options.plugin);
  const isText = options.reporter === 'text';
  const defaults = { limits: chosenLimits({ ...options }), grants: await chosenGrants(options) };
  const runtime = openRuntime();
  const runs: FixtureRun[] = [];
  const updated = new Set<FixtureRun>();
  try {
    for await (const run of runFixtures(runtime, plugin, files, defaults)) {
      runs.push(run);
      if (options.update === true && !hasPassed(run)) {
        await update(run);
        updated.add(run);
      }
      if (isText) {
        output.print(describeRun(run, updated.has(run), output.paint));
      }
    }
  } finally {
    await runtime.close({ interrupt: true });
  }
  output.result(fixturesJson(plugin, runs, updated));
  const failed = runs.filter((run) => !hasPassed(run) && !updated.has(run)).length;
  output.print(isText ? summary(runs.length, updated.size, failed) : await junitReport(plugin.name, runs));
  return failed === 0 ? exitCodes.ok : exitCodes.failed;
}

/** The fixture now expects what happened. */
async function update({ file, fixture, made }: FixtureRun): Promise<void> {
  fixture.expected = made.outcome;
  if (fixture.log !== undefined) {
    fixture.log = [...(made.log ?? [])];
  }
  await file.save();
}

function summary(total: number, updated: number, failed: number): string {
  const parts = [counted(total, 'fixture'), `${total - updated - failed} passed`];
  return [...parts, ...(updated === 0 ? [] : [`${updated} updated`]), `${failed} failed`].join(', ');
}
