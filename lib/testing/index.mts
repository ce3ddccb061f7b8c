export {
  assertAccepted,
  assertFaulted,
  assertRejected,
  hookContext,
  pluginAnswering,
  pluginFailing,
  touchedBytes,
} from './index.js';
export type * from './index.js';
