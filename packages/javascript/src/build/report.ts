import type { InputSize } from '../errors.js';
import type { Warning } from '../bundle/bundle-problems.js';
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
    /** The source map. */
    sourcemap: number;
    /** Everything else: types, exports, what it says about itself. */
    rest: number;
  };
  /** The JavaScript of the bundle. */
  bundleBytes: number;
  /** The engine's bytecode of the bundle. It is a part of the data. */
  bytecodeBytes: number;
  /** What the bundle is made of, the biggest first: packages, and the author's own files. */
  inputs: readonly InputSize[];
  /** What may be wrong with it. */
  warnings: readonly Warning[];
  /** The time of each step, in milliseconds. `engine` is 0 once the engine is loaded. */
  ms: { bundle: number; engine: number; compile: number; run: number; total: number };
  engine: EngineInfo;
  /** The SHA-256 of the plugin, in hexadecimal. */
  sha256: string;
}
