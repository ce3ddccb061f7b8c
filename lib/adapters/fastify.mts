export { hookcell as default, hookcell, HookProblem, HookRejection, hookStats, reject, withHooks } from './fastify.js';
export type * from './fastify.js';
