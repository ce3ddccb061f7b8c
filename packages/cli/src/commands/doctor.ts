import type { Command } from 'commander';

import { exitCodes } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { languageNames, languageOf, languages } from '../project/languages.js';
import { lookFor } from '../project/tools.js';
import type { ToolState } from '../project/tools.js';
import { Output } from '../terminal/output.js';
import { shown } from '../terminal/shown-text.js';
import { addHelp, withExit } from '../shared/command.js';

/** What a language has here. */
interface LanguageState {
  readonly language: string;
  readonly ready: boolean;
  /** All must be there; of a list, one is enough. */
  readonly tools: readonly (readonly ToolState[])[];
}

/** `hookcell doctor`: which languages can be built here, and what the others lack. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('say which languages can be built here, and what is missing')
    .description(
      'Says which languages can be built here, and what the others lack. With --lang, exits with 2 if that one lacks something.',
    )
    .option('--json', 'write JSON to standard output');
  command.addOption(command.createOption('--lang <name>', 'only this language').choices(languageNames));
  addHelp(command, ['ok', 'usage'], 'hookcell doctor --lang rust');
  command.action(withExit(doctor));
}

async function doctor(options: { lang?: string; json?: true }): Promise<ExitCode> {
  const output = new Output(options.json === true);
  const asked = options.lang === undefined ? languages : [languageOf(options.lang)];
  const states = await Promise.all(
    asked.map(async ({ name, tools }): Promise<LanguageState> => {
      const found = await Promise.all(tools.map((alternatives) => lookFor(alternatives, process.cwd())));
      return { language: name, ready: found.every((each) => each.some(isThere)), tools: found };
    }),
  );
  output.result({ node: process.version, languages: states });
  output.print(states.map((state) => describe(state, output)).join('\n'));
  return options.lang === undefined || states.every(({ ready }) => ready) ? exitCodes.ok : exitCodes.usage;
}

function isThere({ version }: ToolState): boolean {
  return version !== undefined;
}

function describe({ language, ready, tools }: LanguageState, { paint }: Output): string {
  const head = ready ? paint('green', 'ready  ') : paint('yellow', 'missing');
  const lines = tools.map((alternatives) => {
    const found = alternatives.find(isThere);
    return found === undefined
      ? `          ${alternatives.map(({ name, install }) => `${name}: ${install}`).join('\n       or ')}`
      : `          ${found.name} (${shown(found.version ?? '')})`;
  });
  return [`${head}  ${language}`, ...lines].join('\n');
}
