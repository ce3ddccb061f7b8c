import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root } from '../build/command.mjs';

const folders = ['crates/host/src', 'src', 'lib', 'bench', 'soak'];

/** A file fits in the head: past this many lines a second noun has moved in. */
const MAX_LINES = 300;

/** No source file is longer than {@link MAX_LINES}; its tests, which stand at its end, count as well. */
export function checkFileLengths() {
  const tooLong = folders.flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .filter((file) => /\.(?:rs|m?ts|mjs)$/.test(file))
      .map((file) => ({ file: `${folder}/${file}`, lines: linesOf(path.join(root, folder, file)) }))
      .filter(({ lines }) => lines > MAX_LINES),
  );
  if (tooLong.length > 0) {
    const list = tooLong.map(({ file, lines }) => `${file} has ${lines}`);
    throw new CommandError([`files of more than ${MAX_LINES} lines:`, ...list].join('\n'));
  }
  console.log(`no file of more than ${MAX_LINES} lines in ${folders.join(', ')}`);
}

function linesOf(file) {
  return readFileSync(file, 'utf8').split('\n').length - 1;
}
