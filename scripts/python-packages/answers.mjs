// What CPython on this machine answers to the programs. It is committed, because a machine seldom has that version.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, run } from '../build/command.mjs';
import { pdk } from '../plugins/compiler.mjs';

const file = path.join(pdk, 'python', 'packages', 'answers.json');

/** Runs a program, whose text is an argument, and prints the JSON of each answer. */
const script = `
import json, sys
scope = {"__name__": "program"}
exec(compile(sys.argv[1], "program.py", "exec"), scope)
print(json.dumps([json.dumps(scope["use"](json.loads(json.dumps(each)))) for each in scope["INPUTS"]]))
`;

/** The texts of the answers to a program's inputs, by the program's name, with its key. */
export function readAnswers() {
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8'))));
}

/** @param {Map<string, { key: string, answers: unknown[] }>} answers */
export function writeAnswers(answers) {
  const sorted = [...answers].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const lines = sorted.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
}

/** Asks CPython. The answers are as a JSON reader of Node.js sees them. */
export async function askPython(python, { name, needs, text, key }, wheels) {
  const folders = needs.map((each) => wheels.folderOf(each)).join(path.delimiter);
  const env = { ...process.env, PYTHONPATH: folders, PYTHONHASHSEED: '0', TZ: 'UTC', PYTHONDONTWRITEBYTECODE: '1' };
  const output = await run(python, ['-s', '-c', script, text], { env, output: 'capture' }).catch((cause) => {
    throw new CommandError(`the program ${name} fails in CPython: ${cause.message}`, { cause });
  });
  return { key, answers: JSON.parse(output).map((each) => JSON.parse(each)) };
}
