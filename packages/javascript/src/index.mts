// By name, from the one CommonJS copy: `import` and `require` share each class.
export { buildErrorCodes, buildPlugin, PluginBuildError, reject } from './index.js';
export type * from './index.js';
