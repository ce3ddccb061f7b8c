import type { InputSize } from '../errors.js';
import type { EngineInfo } from '../sandbox/engine.js';

/** What a build made, and of what. Sizes are in bytes. */
export interface BuildReport {
  /** The hooks of the plugin, by name. */
  hooks: readonly string[];
  /** The parts of the plugin. */
  size: {
    total: number;
    /** The engine's code, which all plugins of this engine share in a process. */
    code: number;
    /** The engine's memory and the plugin's: objects, functions, strings. */
    data: number;
    /** Everything else: types, exports, what it says about itself. */
    rest: number;
  };
  /** The modules and data files that are in the plugin, the biggest first: the author's, those of packages and of the standard library. */
  inputs: readonly InputSize[];
  /**
   * What packages have and the plugin does without: files of machine code that they import, and folders whose data files have more
   * bytes than `maxDataBytes`.
   */
  leftOut: readonly string[];
  /** The time of each step, in milliseconds. `engine` is 0 once the engine is loaded. */
  ms: { engine: number; compile: number; run: number; total: number };
  engine: EngineInfo;
  /** The SHA-256 of the plugin, in hexadecimal. */
  sha256: string;
}
