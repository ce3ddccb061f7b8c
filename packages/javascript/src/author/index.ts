export type { Context } from './context.js';
export type { Hook, HookResult } from './hook.js';
export type { Json, JsonObject } from './json.js';
export { reject } from './result.js';
export type { Accepted, Changes, PatchOperation, Rejected, Result } from './result.js';
