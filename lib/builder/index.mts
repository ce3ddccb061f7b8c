// The values by name: a star would also export `__esModule`.
export {
  abortable,
  asMessage,
  customSectionOf,
  declaration,
  InOrder,
  memoryPages,
  onUnload,
  ownSignal,
  parseDeclared,
  parseLimits,
  PluginBuilder,
  PluginBuildError,
  sectionSizes,
  Stopwatch,
} from './index.js';
export type * from './index.js';
