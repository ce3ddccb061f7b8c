import { createHash } from 'node:crypto';
import path from 'node:path';

import type { PluginInfo, WasmRuntime } from 'hookcell';

import { named, readBytes, STDIN } from '../input/files.js';
import type { ChosenLimits } from '../input/limit-flags.js';

/** A plugin in a file, which is loaded once for each set of limits. */
export class PluginFile {
  readonly sha256: string;
  readonly #loads = new Map<string, Promise<PluginInfo>>();

  private constructor(
    readonly name: string,
    readonly bytes: Buffer,
  ) {
    this.sha256 = createHash('sha256').update(bytes).digest('hex');
  }

  /** @throws {UsageError} if the file cannot be read */
  static async read(file: string): Promise<PluginFile> {
    const bytes = await readBytes(file, 'hookcell build makes a plugin');
    return new PluginFile(file === STDIN ? named(file) : path.basename(file), bytes);
  }

  /**
   * Loads the plugin with these limits, in this process: the user of the command chose the plugin.
   *
   * @throws {HookcellError} if the host refuses it
   */
  load(runtime: WasmRuntime, limits: ChosenLimits): Promise<PluginInfo> {
    const key = JSON.stringify(Object.entries(limits).toSorted());
    let info = this.#loads.get(key);
    if (info === undefined) {
      const name = this.#loads.size === 0 ? this.name : `${this.name} (${this.#loads.size + 1})`;
      info = runtime.loadPluginBytes(name, this.bytes, { isolate: false, ...limits });
      this.#loads.set(key, info);
    }
    return info;
  }
}
