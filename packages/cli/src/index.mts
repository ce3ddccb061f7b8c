// By name, from the one CommonJS copy.
export { exitCodes } from './index.js';
export type * from './index.js';
