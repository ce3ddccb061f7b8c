import type { JsonObject } from '../values/json.js';
import { refusalError } from '../errors.js';
import type { Refusal } from '../errors.js';

/** A loaded plugin. The object is frozen, and stays the same object while the plugin is loaded. */
export interface PluginInfo {
  /** The path of the plugin's file with links resolved, or the name that its bytes were loaded under. */
  readonly key: string;
  /** SHA-256 of the module, as 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** Size of the module, in bytes. */
  readonly bytes: number;
  /** The exports that you can call as hooks. */
  readonly hooks: readonly string[];
  /** The linear memory that the module declares. */
  readonly memory: PluginMemory;
  /** Where the machine code came from. */
  readonly codeFrom: CodeFrom;
  /** What compiling it in child processes cost, if `codeFrom` is `isolate`. */
  readonly isolate?: IsolateCost;
  /**
   * The memory of the machine code and its tables, in bytes. Plugins of the same module share it. If there is `dataBytes`, all
   * plugins with the same code share it, such as those that were built with the same JavaScript engine.
   */
  readonly codeBytes: number;
  /**
   * The memory of the plugin's own data, in bytes, if its data and its code are compiled apart. hookcell does that for plugins
   * with 128 KiB of code or more. Without it, the data is part of `codeBytes`.
   */
  readonly dataBytes?: number;
  /**
   * Whether the plugin's start-up ran at load, so that calls start from its snapshot. It is `false` if the plugin has
   * neither a start section nor an export `_initialize`, if `preInitialize` is off, or if calls could then behave
   * differently: the start-up fails, is refused memory, exceeds a limit or leaves a snapshot of more than 1 MiB, or the
   * plugin changes its table.
   */
  readonly preInitialized: boolean;
  /**
   * The memory of the module's debug information and source map, in bytes, which backtraces need. Omitted if it has none, or with
   * `sourceLocations: false`.
   */
  readonly sourceBytes?: number;
  /** The limits that the module declares for itself. Omitted if it declares none. */
  readonly declaredLimits?: DeclaredLimits;
  /**
   * What the module says about itself in its custom section `hookcell.meta`, such as `name`, `version` and `configSchema`; `hookcell
   * annotate` of `@hookcell/cli` writes it. Anyone can write it: show it, escaped, and do not trust it. It is a JSON object of at
   * most 64 KiB, nested at most 128 deep and without a `__proto__` key, and is omitted if the section is anything else.
   */
  readonly metadata?: JsonObject;
  /** How long reading, checking and compiling took, in milliseconds. */
  readonly loadedInMs: number;
}

/**
 * The limits that a module declares in its custom section `hookcell.limits`. Each applies where neither the runtime nor the load
 * nor the call sets that limit, instead of the default.
 */
export interface DeclaredLimits {
  /** Fuel of a call, 1 to 1,000,000,000, instead of the default's 1,000,000; fuel for each byte of context is added. */
  readonly maxFuel?: number;
  /** Fuel of a call for each byte of its context, 0 to 10,000, instead of the default's 1,000. */
  readonly fuelPerContextByte?: number;
  /** Linear memory in pages of 64 KiB, 1 to 1,024 (64 MiB). */
  readonly maxMemoryPages?: number;
  /** The most wall-clock time of a call in milliseconds, 1 to 1,000. A module can only shorten the default. */
  readonly timeoutMs?: number;
}

/** What compiling in a child process cost. A pre-initialized plugin takes two or three processes, one after the other. */
export interface IsolateCost {
  /** The time from asking for a process to its reply, in milliseconds, added up over all processes. */
  readonly ms: number;
  /**
   * The most resident memory of one process, in bytes, including Node.js and the compiler: about 60 MB for a small module.
   * 0 on systems other than Linux, which do not report it.
   */
  readonly peakBytes: number;
}

/** The linear memory that a module declares, in pages of 64 KiB. */
export interface PluginMemory {
  /** The pages that it starts with. */
  readonly minPages: number;
  /** The pages that it can grow to, if the module declares a bound. `maxMemoryPages` bounds it in any case. */
  readonly maxPages?: number;
}

/**
 * Where a plugin's machine code came from: `compiler` (this load compiled it in this process), `isolate` (this load
 * compiled it in a child process), `cache` (it was in `cacheDir`), or `memory` (a loaded plugin of the same module, or
 * of the same code, shares it).
 */
export type CodeFrom = 'compiler' | 'isolate' | 'cache' | 'memory';

/** A plugin's description from the addon, with the plugin's unique number. */
export type NumberedPlugin = PluginInfo & { number: number };

/** The addon's reply to a load: exactly one of these. */
interface LoadReply {
  loaded?: NumberedPlugin;
  /** It was already loaded, and its file has changed since. */
  loadedBefore?: NumberedPlugin;
  refused?: Refusal;
}

/** A loaded plugin, and whether its file has changed since it was loaded. */
export interface LoadedPlugin {
  info: NumberedPlugin;
  fileChanged: boolean;
}

/** Reads the addon's reply to a load. */
export function readLoadReply(reply: string): LoadedPlugin {
  const { loaded, loadedBefore, refused } = JSON.parse(reply) as LoadReply;
  if (refused !== undefined) {
    throw refusalError(refused);
  }
  return { info: (loaded ?? loadedBefore) as NumberedPlugin, fileChanged: loadedBefore !== undefined };
}
