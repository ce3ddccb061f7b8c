// By name, from the one CommonJS copy: `import` and `require` share each class.
export { buildErrorCodes, buildPlugin, loadSource, PluginBuildError, prepareLoadSource } from './index.js';
export type * from './index.js';
