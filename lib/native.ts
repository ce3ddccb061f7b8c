// The only file in lib that loads the addon; the rest is plain TypeScript.
import type * as Addon from '../native/index.js';

export type {
  CallCounts,
  CodeCacheOptions as CodeCacheSettings,
  IsolateOptions as IsolateSettings,
  GrantOptions as GrantSettings,
  LimitBounds,
  LimitOptions,
  NativeBuildOptions as BuildSettings,
  NativeLoadOptions as LoadSettings,
} from '../native/index.js';

const addon = loadAddon();

export const {
  BATCH_HEAD,
  BATCH_NUMBERS,
  cancelAllOfProcess,
  compileForParent,
  libuvThreads,
  limitBounds,
  MAX_CHAIN,
  NO_POLL,
  REPLY_NUMBERS,
  setMaxIdleMemoryBytes,
  STEP_NUMBERS,
} = addon;

// oxlint-disable-next-line no-redeclare -- a class is a value and a type
export const { NativeBuilder, NativeRuntime } = addon;
export type NativeBuilder = Addon.NativeBuilder;
export type NativeRuntime = Addon.NativeRuntime;

function loadAddon(): typeof Addon {
  try {
    return require('../native/index.js') as typeof Addon;
  } catch (cause) {
    throw new Error(
      `hookcell found no addon for ${process.platform} on ${process.arch}. In a bundle, mark hookcell and @hookcell/* as ` +
        'external and install them in node_modules (see docs/bundling.md). Otherwise, install hookcell again with its ' +
        `optional dependencies: ${(cause as Error).message}`,
      { cause },
    );
  }
}
