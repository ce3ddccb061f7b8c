export { createHooks } from './operation/create-hooks.js';
export type { Hooks, HooksOptions, OperationContext } from './operation/create-hooks.js';
export { BegunHooks } from './operation/begun-hooks.js';
export type { RunOptions } from './operation/begun-hooks.js';
export * from './shared-exports.js';
