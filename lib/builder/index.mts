// The values by name: a star would also export `__esModule`.
export { onUnload, PluginBuilder } from './index.js';
export type * from './index.js';
