import type { Bytecode } from '../sandbox/library.js';
import type { SourceModule } from './module.js';

/** A compiled source, and the names that it imports. */
export interface Compiled {
  module: SourceModule;
  code: Uint8Array;
  /** A relative one begins with dots. */
  imports: string[];
}

/** The modules of a plugin, in the order of their names. */
export interface Gathered {
  /** The entry, and what it imports from beside it and from packages. */
  own: Compiled[];
  /** All, with those of the standard library. */
  all: Bytecode[];
  /** A module that is imported after the plugin's top level, if there is one. */
  late: string[];
}
