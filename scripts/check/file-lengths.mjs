import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, trackedFiles } from '../build/command.mjs';

const folders = ['crates/host/src', 'crates/host/tests', 'src', 'lib', 'packages', '__test__', 'bench', 'soak'];

/** A file fits in the head: past this many lines a second noun has moved in. */
const MAX_LINES = 300;

/** Every public type, checked in one program. */
const exempt = new Set(['__test__/package/types.test-d.ts']);

/** No source or test file is longer than {@link MAX_LINES}. */
export async function checkFileLengths() {
  const files = await trackedFiles(...folders);
  const tooLong = files
    .filter((file) => /\.(?:rs|m?ts|mjs)$/.test(file) && !exempt.has(file))
    .map((file) => ({ file, lines: linesOf(path.join(root, file)) }))
    .filter(({ lines }) => lines > MAX_LINES);
  if (tooLong.length > 0) {
    const list = tooLong.map(({ file, lines }) => `${file} has ${lines}`);
    throw new CommandError([`files of more than ${MAX_LINES} lines:`, ...list].join('\n'));
  }
  console.log(`no file of more than ${MAX_LINES} lines in ${folders.join(', ')}`);
}

function linesOf(file) {
  return readFileSync(file, 'utf8').split('\n').length - 1;
}
