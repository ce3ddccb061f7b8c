import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';

import type { WatchSettings } from '../options/watch-options.js';

/** A folder to watch. */
interface Watched {
  readonly folder: string;
  /** Only this entry of it counts. Default: all. */
  readonly entry?: string;
}

/**
 * Looks at a set when something changes in one of its folders, and from time to time. It watches folders and not files, because a file
 * that is replaced by another one, or by another link, tells of nothing any more; the same holds for the folders themselves, so each is
 * also watched in the folder above it. What has changed is for `look` to find out.
 */
export class SetWatch {
  readonly #watched: readonly Watched[];
  readonly #settings: WatchSettings;
  readonly #look: () => Promise<void>;
  readonly #watchers = new Map<Watched, { watcher: FSWatcher; inode: number }>();
  readonly #poll: NodeJS.Timeout;
  #quiet: NodeJS.Timeout | undefined;
  #looking = Promise.resolve();
  #isClosed = false;

  /** @param look - called when nothing has changed for a while; it must not throw */
  constructor(folders: readonly string[], settings: WatchSettings, look: () => Promise<void>) {
    this.#watched = folders.flatMap((folder) => [
      { folder },
      { folder: path.dirname(folder), entry: path.basename(folder) },
    ]);
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
    for (const watched of this.#watched) {
      const inode = await inodeOf(watched.folder);
      const known = this.#watchers.get(watched);
      if (known !== undefined && known.inode === inode) {
        continue;
      }
      this.#unwatch(watched);
      if (inode !== undefined && !this.#isClosed) {
        this.#watchFolder(watched, inode);
      }
    }
  }

  #watchFolder(watched: Watched, inode: number): void {
    const { folder, entry } = watched;
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (entry === undefined) {
          this.#changed();
        } else if (name === entry || name === null) {
          // What is there now may have the inode of what was there before.
          this.#watched
            .filter((each) => each.folder === path.join(folder, entry))
            .forEach((each) => this.#unwatch(each));
          this.#changed();
        }
      });
      watcher.on('error', () => this.#unwatch(watched));
      this.#watchers.set(watched, { watcher, inode });
    } catch {
      // Too many watchers, or a system that cannot watch: the set looks from time to time.
    }
  }

  #unwatch(watched: Watched): void {
    this.#watchers.get(watched)?.watcher.close();
    this.#watchers.delete(watched);
  }
}

async function inodeOf(folder: string): Promise<number | undefined> {
  try {
    return (await stat(folder)).ino;
  } catch {
    return undefined;
  }
}
