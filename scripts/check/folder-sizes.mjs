import { readdirSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root } from '../build/command.mjs';

const folders = ['crates/host/src', 'src', 'lib', 'bench', 'soak'];

/** A folder is read at a glance: past this many files there is a second folder in it. */
const MAX_FILES = 12;

/** No folder of sources has more files than {@link MAX_FILES} of its own. */
export function checkFolderSizes() {
  const sizes = new Map();
  for (const folder of folders) {
    for (const entry of readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) {
        const parent = path.relative(root, entry.parentPath);
        sizes.set(parent, (sizes.get(parent) ?? 0) + 1);
      }
    }
  }
  const tooLarge = [...sizes].filter(([, files]) => files > MAX_FILES);
  if (tooLarge.length > 0) {
    const list = tooLarge.map(([folder, files]) => `${folder} has ${files}`);
    throw new CommandError([`folders of more than ${MAX_FILES} files:`, ...list].join('\n'));
  }
  console.log(`no folder of more than ${MAX_FILES} files in ${folders.join(', ')}`);
}
