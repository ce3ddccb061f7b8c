// The one door to the addon: everything else in lib is plain TypeScript.
export { cancelAllOfProcess, Cancellation, compileForParent, limitBounds, NativeRuntime } from '../native/index.js';
export type {
  CodeCacheOptions as CodeCacheSettings,
  IsolateOptions as IsolateSettings,
  LimitBounds,
  LimitOptions,
  NativeLoadOptions as LoadSettings,
} from '../native/index.js';
