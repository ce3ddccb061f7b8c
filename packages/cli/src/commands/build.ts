import path from 'node:path';

import type { Command } from 'commander';

import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { BuildFailure } from '../languages/build-failure.js';
import type { BuildSettings, Language } from '../languages/language.js';
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
  requirements?: string;
  wheels?: string;
  zoneinfo?: string;
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
    .option('--requirements <file>', 'Python: a requirements file whose packages the plugin may import')
    .option('--wheels <folder>', 'Python: the folder with its wheels; by default wheels beside the file')
    .option('--zoneinfo <zones>', 'Python: time zones for zoneinfo, as all or Europe/Berlin,America/New_York')
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
  const settings = settingsOf(options, entry.language);
  const written = path.basename(options.output);
  // What the build itself writes is not a change.
  const ignored = (file: string) =>
    /[/\\](?:node_modules|target|\.zig-cache)(?:[/\\]|$)/.test(file) || file.includes(written);
  const watched = { files: [path.dirname(entry.entry)], ignored };
  return onceOrWatching(options, watched, output, () => buildOnce(entry, options.output, settings, output));
}

/** @throws {UsageError} if the language does not have one that is given */
function settingsOf({ requirements, wheels, zoneinfo }: BuildOptions, language: Language): BuildSettings {
  const settings: BuildSettings = {
    ...(requirements !== undefined && { requirements }),
    ...(wheels !== undefined && { wheels }),
    ...(zoneinfo !== undefined && { zoneinfo: zoneinfo === 'all' ? true : zoneinfo.split(',') }),
  };
  const unknown = Object.keys(settings).find((name) => !language.settings?.includes(name as keyof BuildSettings));
  if (unknown !== undefined) {
    throw new UsageError(`--${unknown} is for Python, and this plugin is in ${language.name}`);
  }
  return settings;
}

async function buildOnce(entry: Entry, file: string, settings: BuildSettings, output: Output): Promise<ExitCode> {
  try {
    const built = await build(entry, file, process.cwd(), settings);
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
