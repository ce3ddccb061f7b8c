import { setTimeout } from 'node:timers/promises';

import { HookcellError } from 'hookcell';

import { exitCodes, UsageError } from '../exit.js';
import type { ExitCode } from '../exit.js';
import type { Output } from '../terminal/output.js';

/** Editors and compilers write a file in several steps. */
const SETTLED_MS = 50;

/** What an action depends on. */
interface Watched {
  readonly files: readonly string[];
  /** Files of these folders that change for other reasons. */
  readonly ignored?: (file: string) => boolean;
}

/** Runs an action once, or with `--watch` again after each change of its files. */
export function onceOrWatching(
  { watch: isWatching = false }: { watch?: boolean },
  watched: Watched,
  output: Output,
  action: () => Promise<ExitCode>,
): Promise<ExitCode> {
  return isWatching ? watch(watched, output, action) : action();
}

async function watch(watched: Watched, output: Output, action: () => Promise<ExitCode>): Promise<ExitCode> {
  await watchFiles(watched, async () => {
    await attempt(action, output);
    output.tell(output.paintError('dim', `waiting for changes of ${watched.files.join(', ')}`));
  });
  return exitCodes.ok;
}

/** Does something now, and again after each change, until the user interrupts it. */
export async function watchFiles({ files, ignored = () => false }: Watched, react: () => Promise<void>): Promise<void> {
  const changes = new Changes();
  process.once('SIGINT', () => changes.end());
  process.once('SIGTERM', () => changes.end());
  const { watch: openWatcher } = await import('chokidar');
  const watcher = openWatcher([...files], { ignoreInitial: true, ignored: (file) => ignored(file) });
  watcher.on('all', () => changes.tell());
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  do {
    await react();
  } while (await changes.next());
  await watcher.close();
}

/** A file may be missing or half written for now. */
async function attempt(action: () => Promise<ExitCode>, output: Output): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UsageError) {
      output.error(error.message);
    } else if (error instanceof HookcellError) {
      output.refused(error);
    } else {
      throw error;
    }
  }
}

/** Changes that nothing has reacted to yet. */
class Changes {
  #told: 'nothing' | 'change' | 'end' = 'nothing';
  #wake = () => {};

  tell(): void {
    if (this.#told === 'nothing') {
      this.#told = 'change';
    }
    this.#wake();
  }

  end(): void {
    this.#told = 'end';
    this.#wake();
  }

  /** Resolves when there was a change, or with `false` at the end. */
  async next(): Promise<boolean> {
    if (this.#told === 'nothing') {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    await setTimeout(SETTLED_MS);
    return this.#goOn();
  }

  #goOn(): boolean {
    const isEnd = this.#told === 'end';
    this.#told = 'nothing';
    return !isEnd;
  }
}
