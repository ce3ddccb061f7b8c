export { exitCodes } from './exit.js';
export type { ExitCode } from './exit.js';
export { runProgram } from './program.js';
