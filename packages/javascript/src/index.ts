export { reject } from './author/index.js';
export type * from './author/index.js';
