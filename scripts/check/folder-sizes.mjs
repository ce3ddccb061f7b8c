import path from 'node:path';
import { CommandError, trackedFiles } from '../build/command.mjs';

const folders = ['crates/host/src', 'crates/host/tests', 'src', 'lib', 'packages', '__test__', 'bench', 'soak'];

/** A folder is read at a glance: past this many files there is a second folder in it. */
const MAX_FILES = 12;

/** No folder of sources or tests has more files than {@link MAX_FILES} of its own. */
export async function checkFolderSizes() {
  const sizes = new Map();
  for (const file of await trackedFiles(...folders)) {
    const folder = path.dirname(file);
    sizes.set(folder, (sizes.get(folder) ?? 0) + 1);
  }
  const tooLarge = [...sizes].filter(([, files]) => files > MAX_FILES);
  if (tooLarge.length > 0) {
    const list = tooLarge.map(([folder, files]) => `${folder} has ${files}`);
    throw new CommandError([`folders of more than ${MAX_FILES} files:`, ...list].join('\n'));
  }
  console.log(`no folder of more than ${MAX_FILES} files in ${folders.join(', ')}`);
}
