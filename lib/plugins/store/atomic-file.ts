import { open, rename, rm } from 'node:fs/promises';

let lastNumber = 0;

/** Puts a file in place in one step: readers see the old content or the new one. */
export async function writeAtomically(file: string, content: Uint8Array | string): Promise<void> {
  lastNumber += 1;
  const part = `${file}.${process.pid}-${lastNumber}.part`;
  try {
    const handle = await open(part, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      // Without it, a machine that stops could leave an empty file under the new name.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
