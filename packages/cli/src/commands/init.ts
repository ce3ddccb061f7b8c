import type { Command } from 'commander';

import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import type { Language } from '../languages/language.js';
import { languageNames, languageOf } from '../project/languages.js';
import { askFolder, askLanguage } from '../project/questions.js';
import { nextSteps, scaffold } from '../project/scaffold.js';
import { Output } from '../terminal/output.js';
import { shown } from '../terminal/shown-text.js';
import { addHelp, withExit } from '../shared/command.js';

interface InitOptions {
  lang?: string;
  json?: true;
}

/** `hookcell init`: a new plugin with a hook and fixtures. */
export function addInit(program: Command): void {
  const command = program
    .command('init')
    .summary('make a new plugin, with a hook and fixtures')
    .description('Makes a new plugin, with a hook and fixtures. It needs no network, and replaces no file.')
    .argument('[folder]', 'where to make it; default the current folder, or with no --lang what you answer')
    .option('--json', 'write JSON to standard output');
  command.addOption(
    command.createOption('--lang <name>', 'the language; asked for if it is missing').choices(languageNames),
  );
  addHelp(command, ['ok', 'usage'], 'hookcell init my-plugin --lang typescript');
  command.action(withExit(init));
}

async function init(given: string | undefined, options: InitOptions): Promise<ExitCode> {
  const output = new Output(options.json === true);
  const { folder, language } = await complete(given, options);
  const files = await scaffold(folder, language);
  output.result({ folder, language: language.name, files, next: nextSteps() });
  output.print(files.map((file) => `${output.paint('green', 'made')} ${shown(file)}`).join('\n'));
  const steps = [...(folder === '.' ? [] : [`cd ${folder}`]), ...nextSteps()];
  output.print(`\nNext:\n${steps.map((step) => `  ${shown(step)}`).join('\n')}`);
  return exitCodes.ok;
}

/** What the arguments say, and what the user says if they do not. With a language, nothing is asked. */
async function complete(
  given: string | undefined,
  { lang }: InitOptions,
): Promise<{ folder: string; language: Language }> {
  if (lang !== undefined) {
    return { folder: given ?? '.', language: languageOf(lang) };
  }
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UsageError(`--lang must say the language: ${languageNames.join(', ')}`);
  }
  const terminal = { input: process.stdin, output: process.stdout };
  const folder = given ?? (await askFolder(terminal));
  return { folder, language: languageOf(await askLanguage(terminal)) };
}
