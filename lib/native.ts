// The one door to the addon: everything else in lib is plain TypeScript.
export { cancelAllOfProcess, compileForParent, libuvThreads, limitBounds, NativeRuntime } from '../native/index.js';
export type {
  CallCounts,
  CodeCacheOptions as CodeCacheSettings,
  IsolateOptions as IsolateSettings,
  LimitBounds,
  LimitOptions,
  NativeCallOptions as CallSettings,
  NativeLoadOptions as LoadSettings,
} from '../native/index.js';
