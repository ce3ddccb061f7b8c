export { hookcell as default, hookcell, HookProblem, HookRejection, hookStats, reject } from './fastify.js';
export type * from './fastify.js';
