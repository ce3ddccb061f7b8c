import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

/** Recordings of all processes that share a folder. Their names sort by time. */
const NAME = /^\d{17}-\d+-\d+-\d+\.json$/;

let lastNumber = 0;

/** The folder that recordings go to, which never has more of them than allowed. */
export class RecordingFolder {
  readonly #directory: string;
  readonly #maxFiles: number;
  readonly #maxBytes: number;

  constructor(directory: string, maxFiles: number, maxBytes: number) {
    this.#directory = directory;
    this.#maxFiles = maxFiles;
    this.#maxBytes = maxBytes;
  }

  /** Writes a recording in one step, and removes the oldest ones that it leaves no room for. */
  async add(text: string): Promise<void> {
    const length = Buffer.byteLength(text);
    if (length > this.#maxBytes) {
      return;
    }
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await this.#makeRoom(length);
    const name = newName();
    const part = join(this.#directory, `${name}.part`);
    try {
      await writeFile(part, text, { mode: 0o600, flag: 'wx' });
      await rename(part, join(this.#directory, name));
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  async #makeRoom(length: number): Promise<void> {
    const names = (await readdir(this.#directory)).filter((name) => NAME.test(name)).toSorted();
    let [files, bytes] = [names.length + 1, length];
    const sizes: number[] = [];
    for (const name of names) {
      const size = await sizeOf(join(this.#directory, name));
      sizes.push(size);
      bytes += size;
    }
    for (const [index, name] of names.entries()) {
      if (files <= this.#maxFiles && bytes <= this.#maxBytes) {
        return;
      }
      await rm(join(this.#directory, name), { force: true });
      files -= 1;
      bytes -= sizes[index] ?? 0;
    }
  }
}

/** Another process may have removed it. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch {
    return 0;
  }
}

/** A name of time, process, thread and number: no other recording has it. */
function newName(): string {
  const time = new Date().toISOString().replaceAll(/\D/g, '');
  return `${time}-${process.pid}-${threadId}-${(lastNumber += 1)}.json`;
}
