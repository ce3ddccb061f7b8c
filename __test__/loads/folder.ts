import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Makes an empty folder, and returns its path, in which no part is a link. */
export async function makeFolder(): Promise<string> {
  return await realpath(await mkdtemp(path.join(tmpdir(), 'hookcell-')));
}
