export { assertAccepted, assertFaulted, assertRejected, hookContext, pluginAnswering, pluginFailing } from './index.js';
export type * from './index.js';
