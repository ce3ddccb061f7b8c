// The values by name: a star would also export `__esModule`.
export { collectMetrics } from './index.js';
export type * from './index.js';
