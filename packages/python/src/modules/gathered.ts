import type { Bytecode } from '../sandbox/library.js';
import type { MachineModule, SourceModule } from './module.js';

/** What a source imports. */
export interface Imported {
  /** A relative one begins with dots. */
  readonly name: string;
  /** Where it is imported first. */
  readonly line: number;
  /** Does it stand in a `try`, and only there? Then the source expects that it is missing. */
  readonly tried: boolean;
}

/** A compiled source, and what it imports. */
export interface Compiled {
  module: SourceModule;
  code: Uint8Array;
  imports: readonly Imported[];
}

/** The modules of a plugin, in the order of their names. */
export interface Gathered {
  /** The entry, and what it imports from beside it and from packages. */
  own: Compiled[];
  /** All, with those of the standard library, and data files of packages. */
  all: Bytecode[];
  /** Modules that are imported before the plugin's top level, in this order. */
  early: string[];
  /** A module that is imported after the plugin's top level, if there is one. */
  late: string[];
  /** What the plugin imports and does without. */
  leftOut: MachineModule[];
  /** Folders of packages whose data files are left out. */
  dataLeftOut: string[];
}
