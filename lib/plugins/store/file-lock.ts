import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that has a lock for so long has ended, or stands still. */
const MOST_MS = 10_000;

/** How often a process that waits for a lock looks at it. */
const LOOK_MS = 5;

let lastNumber = 0;

/**
 * Runs `work` while no other process that asks for the same lock does. A lock of a process that has ended is taken over after 10 seconds, by
 * the clock of the process that waits: those of machines that share a folder may differ.
 *
 * @param file - is there while a process has the lock
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  let seen: string | undefined;
  let since = performance.now();
  while (!(await take(file))) {
    const lock = await identity(file);
    if (lock !== seen) {
      seen = lock;
      since = performance.now();
    } else if (performance.now() - since > MOST_MS) {
      await takeAway(file);
    }
    await sleep(LOOK_MS);
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Takes the lock, if no other process has it. */
async function take(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

/** Tells the lock of one process from that of another. */
async function identity(file: string): Promise<string | undefined> {
  const lock = await stat(file).catch(() => undefined);
  return lock && `${lock.ino} ${lock.mtimeMs}`;
}

/** Of several processes that find a lock left behind, one takes it away: by another name, because a new one may have its name by then. */
async function takeAway(file: string): Promise<void> {
  lastNumber += 1;
  const away = `${file}.${process.pid}-${lastNumber}.part`;
  try {
    await rename(file, away);
  } catch {
    // Another process has done it.
    return;
  }
  await rm(away, { force: true });
}
