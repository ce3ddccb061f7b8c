// The one door to the addon: everything else in lib is plain TypeScript.
export { limitBounds, NativeRuntime } from '../native/index.js';
export type { LimitBounds, LimitOptions } from '../native/index.js';
