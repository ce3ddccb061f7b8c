import { refusalError } from '../errors.js';
import type { Refusal } from '../errors.js';

/** A plugin that is loaded. The object is frozen, and the same one as long as the plugin stays loaded. */
export interface PluginInfo {
  /** What the plugin is known by: the path of its file with links resolved, or the name it was given. */
  readonly key: string;
  /** SHA-256 of the module, as 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** Size of the module, in bytes. */
  readonly bytes: number;
  /** The exports that can be called as hooks. */
  readonly hooks: readonly string[];
  /** The linear memory that the module declares. */
  readonly memory: PluginMemory;
  /** Where the machine code came from. */
  readonly codeFrom: CodeFrom;
  /** What compiling it in processes of its own cost, where `codeFrom` is `isolate`. */
  readonly isolate?: IsolateCost;
  /**
   * The memory that the machine code takes, with the tables that belong to it, in bytes. Plugins of the same module share
   * it.
   */
  readonly codeBytes: number;
  /**
   * Whether its start-up was run when it was loaded, so that calls begin from what that has left behind. `false` where it
   * has neither a start section nor an export `_initialize`, where that was not asked for, and where it could make a difference: the start-up fails, is
   * refused memory, takes more than the limits allow or leaves more than 1 MiB behind, or the plugin changes its table.
   */
  readonly preInitialized: boolean;
  /** How long reading, checking and compiling took, in milliseconds. */
  readonly loadedInMs: number;
}

/** What compiling in a process of its own cost. A plugin that is pre-initialised takes two or three, one after the other. */
export interface IsolateCost {
  /** From asking for the process to its answer, in milliseconds, of all of them together. */
  readonly ms: number;
  /**
   * The most memory that one of them had resident, in bytes, Node.js and the compiler included: some 60 MB for a small
   * module. 0 where the operating system does not say, which it does on Linux.
   */
  readonly peakBytes: number;
}

/** The linear memory that a module declares, in pages of 64 KiB. */
export interface PluginMemory {
  /** What it starts with. */
  readonly minPages: number;
  /** What it can grow to; left out where the module sets no such bound. `maxMemoryPages` bounds it in any case. */
  readonly maxPages?: number;
}

/**
 * Where a plugin's machine code came from: `compiler`, compiled for this load in this process; `isolate`, compiled for it
 * in a child process; `cache`, found in `cacheDir`; `memory`, shared with a plugin of the same module that was loaded
 * already.
 */
export type CodeFrom = 'compiler' | 'isolate' | 'cache' | 'memory';

/** What the addon says of a plugin: its number, which no other has, beside the rest. */
export type NumberedPlugin = PluginInfo & { number: number };

/** How the addon answers a load: one of these. */
interface LoadReply {
  loaded?: NumberedPlugin;
  /** It was loaded before, and its file has other contents by now. */
  loadedBefore?: NumberedPlugin;
  refused?: Refusal;
}

/** A plugin that is loaded, and whether its file has changed since. */
export interface LoadedPlugin {
  info: NumberedPlugin;
  fileChanged: boolean;
}

/** Reads how the addon answers a load. */
export function readLoadReply(reply: string): LoadedPlugin {
  const { loaded, loadedBefore, refused } = JSON.parse(reply) as LoadReply;
  if (refused !== undefined) {
    throw refusalError(refused);
  }
  return { info: (loaded ?? loadedBefore) as NumberedPlugin, fileChanged: loadedBefore !== undefined };
}
