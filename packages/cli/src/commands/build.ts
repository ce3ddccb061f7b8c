import path from 'node:path';

import type { Command } from 'commander';

import { exitCodes } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { BuildFailure } from '../languages/build-failure.js';
import { describeSections, describeVerdict, sectionsJson, verdictJson } from '../module/inspection-report.js';
import { build } from '../project/build.js';
import type { Built } from '../project/build.js';
import { findEntry, languageNames } from '../project/languages.js';
import type { Entry } from '../project/languages.js';
import { milliseconds, size } from '../terminal/numbers.js';
import { Output } from '../terminal/output.js';
import { shown, shownLines } from '../terminal/shown-text.js';
import { addHelp, withExit } from '../shared/command.js';
import { onceOrWatching } from '../shared/watch.js';

interface BuildOptions {
  output: string;
  lang?: string;
  watch?: true;
  json?: true;
}

/** `hookcell build`: compiles a plugin with the flags that suit its language, and checks it against the contract. */
export function addBuild(program: Command): void {
  const command = program
    .command('build')
    .summary('compile a plugin, and check it against the contract')
    .description(
      'Compiles a plugin with the flags that suit its language, and checks it against the contract. A build that fails ' +
        'leaves no plugin. Exits with 3 if the source makes no plugin, and with 4 if the host refuses the plugin.',
    )
    .argument('[entry]', 'the source file; by default the one that init writes')
    .option('-o, --output <file>', 'the plugin to write', 'plugin.wasm')
    .option('--watch', 'build again when a source changes')
    .option('--json', 'write JSON to standard output');
  command.addOption(
    command.createOption('--lang <name>', 'the language; by default that of the entry').choices(languageNames),
  );
  addHelp(
    command,
    ['ok', 'usage', 'fault', 'refused'],
    'hookcell build',
    'hookcell build src/orders.ts -o orders.wasm --watch',
  );
  command.action(withExit(buildPlugin));
}

function buildPlugin(given: string | undefined, options: BuildOptions): Promise<ExitCode> {
  const output = new Output(options.json === true);
  const folder = process.cwd();
  const entry = findEntry(folder, given, options.lang);
  const written = path.basename(options.output);
  // What the build itself writes is not a change.
  const ignored = (file: string) =>
    /[/\\](?:node_modules|target|\.zig-cache)(?:[/\\]|$)/.test(file) || file.includes(written);
  const watched = { files: [path.dirname(entry.entry)], ignored };
  return onceOrWatching(options, watched, output, () => buildOnce(entry, options.output, folder, output));
}

async function buildOnce(entry: Entry, file: string, folder: string, output: Output): Promise<ExitCode> {
  try {
    const built = await build(entry, file, folder);
    output.result(buildJson(entry, file, built));
    output.print(describeBuild(entry, file, built, output));
    return exitCodes.ok;
  } catch (error) {
    if (!(error instanceof BuildFailure)) {
      throw error;
    }
    output.result({ failed: { message: error.message } });
    output.tell(shownLines(error.message));
    output.error(`${entry.entry} makes no plugin`);
    return exitCodes.fault;
  }
}

function buildJson({ entry, language }: Entry, output: string, { inspection, verdict, ms }: Built): object {
  const { sha256, bytes, sections } = inspection;
  const { name } = language;
  return {
    entry,
    language: name,
    output,
    sha256,
    bytes,
    sections: sectionsJson(sections),
    verdict: verdictJson(verdict),
    ms,
  };
}

function describeBuild({ entry }: Entry, file: string, { inspection, verdict, ms }: Built, { paint }: Output): string {
  const head = `${paint('green', 'built')} ${shown(file)} from ${shown(entry)}: ${size(inspection.bytes)} in ${milliseconds(ms)}`;
  return [head, describeSections(inspection, paint), describeVerdict(verdict, paint)].join('\n\n');
}
