import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';

import { exitCodes } from '../exit.js';
import type { ExitCode } from '../exit.js';
import { named, readJson } from '../input/files.js';
import { checkSchema } from '../schema/check-schema.js';
import { typeLanguages, typesOf } from '../schema/types.js';
import type { TypeLanguage } from '../schema/types.js';
import { untypedKeywords } from '../schema/untyped-keywords.js';
import { Output } from '../terminal/output.js';
import { shown, shownLines } from '../terminal/shown-text.js';
import { addHelp, withExit } from '../shared/command.js';

interface TypesOptions {
  lang: TypeLanguage;
  name: string;
  json?: true;
}

/** `hookcell types`: types of an input or a configuration, from its JSON Schema. */
export function addTypes(program: Command): void {
  const command = program
    .command('types')
    .summary('write types for a JSON Schema')
    .description(
      'Writes the types of the values that a JSON Schema allows. Keywords that no type can say, such as pattern, are named on ' +
        'standard error.',
    )
    .argument('<schema.json>', 'the schema; - is standard input')
    .option('--name <Name>', 'the name of the type', parseName, 'Input')
    .option('--json', 'write JSON to standard output');
  command.addOption(command.createOption('--lang <name>', 'the language').choices(typeLanguages).makeOptionMandatory());
  addHelp(command, ['ok', 'usage'], 'hookcell types order.schema.json --lang typescript --name Order > src/order.ts');
  command.action(withExit(types));
}

async function types(file: string, { lang, name, json }: TypesOptions): Promise<ExitCode> {
  const output = new Output(json === true);
  const schema = await readJson(file);
  await checkSchema(schema, named(file));
  const text = await typesOf(schema as object, name, lang);
  const untyped = untypedKeywords(schema);
  output.result({ language: lang, name, types: text, untyped });
  output.print(shownLines(text.trimEnd()));
  for (const keyword of untyped) {
    output.tell(`${output.paintError('yellow', 'not in the types:')} ${shown(keyword)}`);
  }
  return exitCodes.ok;
}

function parseName(text: string): string {
  if (!/^[A-Z][A-Za-z0-9]{0,99}$/.test(text)) {
    throw new InvalidArgumentError('It must be a name like Order.');
  }
  return text;
}
