import { randomUUID } from 'node:crypto';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { readBounded } from './bounded-file.js';

/** A process that has a lock for so long has ended, or stands still. */
const MOST_MS = 10_000;

/** How often a process that waits for a lock looks at it. */
const LOOK_MS = 5;

/** More than a lock has. */
const MOST_BYTES = 256;

let lastNumber = 0;

/**
 * Runs `work` while no other process that asks for the same lock does. A lock of a process that has ended is taken over after 10 seconds, by
 * the clock of the process that waits: those of machines that share a folder may differ.
 *
 * @param file - is there while a process has the lock
 * @throws if the lock can be neither made nor taken over, as in a folder that is not writable
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  let seen: string | undefined;
  let since = performance.now();
  let own: string | undefined;
  while ((own = await take(file)) === undefined) {
    const lock = await identity(file);
    if (lock !== seen) {
      seen = lock;
      since = performance.now();
    } else if (lock !== undefined && performance.now() - since > MOST_MS) {
      await remove(file, lock);
    }
    await sleep(LOOK_MS);
  }
  try {
    return await work();
  } finally {
    // If this process stood still for long, another one has taken over.
    await remove(file, own);
  }
}

/** Takes the lock, and tells which one it is; `undefined` if another process has it. */
async function take(file: string): Promise<string | undefined> {
  const lock = randomUUID();
  try {
    await writeFile(file, lock, { flag: 'wx', mode: 0o600 });
    return lock;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return undefined;
    }
    throw error;
  }
}

/** Tells the lock of one process from that of another; `undefined` if there is none. */
async function identity(file: string): Promise<string | undefined> {
  const lock = await readBounded(file, MOST_BYTES).catch(() => undefined);
  return lock?.toString();
}

/**
 * Removes this lock and no other. Between a look at a file and its removal, another process may have put its own there. So it gets another
 * name first, and is put back if it is another's.
 */
async function remove(file: string, lock: string): Promise<void> {
  if ((await identity(file)) !== lock) {
    return;
  }
  lastNumber += 1;
  const away = `${file}.${process.pid}-${lastNumber}.part`;
  try {
    await rename(file, away);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      // Another process has done it.
      return;
    }
    throw error;
  }
  if ((await identity(away)) !== lock) {
    // It fails if yet another process has a lock by now.
    await link(away, file).catch(() => {});
  }
  await rm(away, { force: true });
}
