import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';

import type { WatchSettings } from '../options/watch-options.js';

/**
 * Looks at a set when something changes in one of its folders, and from time to time. It watches folders and not files, because a file
 * that is replaced by another one, or by another link, tells of nothing any more. What has changed is for `look` to find out.
 */
export class SetWatch {
  readonly #folders: readonly string[];
  readonly #settings: WatchSettings;
  readonly #look: () => Promise<void>;
  readonly #watchers = new Map<string, { watcher: FSWatcher; inode: number }>();
  readonly #poll: NodeJS.Timeout;
  #quiet: NodeJS.Timeout | undefined;
  #looking = Promise.resolve();
  #isClosed = false;

  /** @param look - called when nothing has changed for a while; it must not throw */
  constructor(folders: readonly string[], settings: WatchSettings, look: () => Promise<void>) {
    this.#folders = folders;
    this.#settings = settings;
    this.#look = look;
    this.#poll = setInterval(() => this.#lookNow(), settings.pollMs).unref();
  }

  /** Begins to watch. What changes after this has resolved is noticed. */
  async start(): Promise<void> {
    await this.#watchFolders();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#poll);
    clearTimeout(this.#quiet);
    for (const { watcher } of this.#watchers.values()) {
      watcher.close();
    }
    this.#watchers.clear();
    await this.#looking;
  }

  #changed(): void {
    clearTimeout(this.#quiet);
    if (!this.#isClosed) {
      this.#quiet = setTimeout(() => this.#lookNow(), this.#settings.debounceMs).unref();
    }
  }

  #lookNow(): void {
    const earlier = this.#looking;
    this.#looking = this.#lookAfter(earlier);
  }

  async #lookAfter(earlier: Promise<void>): Promise<void> {
    await earlier;
    if (!this.#isClosed) {
      // A folder that is made anew needs a new watcher, which must be there before the look.
      await this.#watchFolders();
      await this.#look();
    }
  }

  async #watchFolders(): Promise<void> {
    for (const folder of this.#folders) {
      const inode = await inodeOf(folder);
      const known = this.#watchers.get(folder);
      if (known !== undefined && known.inode === inode) {
        continue;
      }
      known?.watcher.close();
      this.#watchers.delete(folder);
      if (inode !== undefined && !this.#isClosed) {
        this.#watchFolder(folder, inode);
      }
    }
  }

  #watchFolder(folder: string, inode: number): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#changed());
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, { watcher, inode });
    } catch {
      // Too many watchers, or a system that cannot watch: the set looks from time to time.
    }
  }
}

async function inodeOf(folder: string): Promise<number | undefined> {
  try {
    return (await stat(folder)).ino;
  } catch {
    return undefined;
  }
}
