// The one door to the addon: everything else in lib is plain TypeScript.
export { compileForParent, limitBounds, NativeRuntime } from '../native/index.js';
export type {
  CallCounts,
  IsolateOptions as IsolateSettings,
  LimitBounds,
  LimitOptions,
  NativeCallOptions as CallSettings,
  NativeLoadOptions as LoadSettings,
} from '../native/index.js';
