// By name, from the one CommonJS copy.
export { exitCodes, runProgram } from './index.js';
export type * from './index.js';
