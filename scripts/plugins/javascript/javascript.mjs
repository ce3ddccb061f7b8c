import { buildEngine, checkDigests, compareEngine } from './engine.mjs';

/** JavaScript's compiler and run time are modules too, and they are held against their sources. */
export const javascript = {
  name: 'javascript',
  run: checkDigests,
  check: compareEngine,
  commit: buildEngine,
};
