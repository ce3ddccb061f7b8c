import type { NativeContext } from '../hooks/native-hook.js';
import type { JsonObject, JsonValue } from '../values/json.js';
import { markOwnModule } from '../loads/own-modules.js';
import { isRecord, kindOf } from '../values/value-kind.js';
import { pluginModule } from './module-bytes.js';
import type { HookCode } from './module-bytes.js';

export { assertAccepted, assertFaulted, assertRejected } from './assertions.js';
export { touchedBytes } from './touched-bytes.js';

/** What a plugin for a test returns: a result of the plugin contract. */
export type PluginAnswer =
  | { ok: true; ctx?: { input?: JsonObject; data?: JsonValue } }
  | { ok: false; error?: string; details?: JsonValue[] };

/**
 * A context for a hook, with empty defaults. Pass it to a native hook as it is, and to `callHook` without its `session`.
 *
 * ```ts
 * const answer = await onlyEditors(hookContext({ input: order, user: { id: '1', role: 'reader' } }));
 * assertRejected(answer, 'editors only');
 * ```
 */
export function hookContext<I extends object = JsonObject, D = unknown, S extends object = Record<string, unknown>>(
  parts: Partial<NativeContext<I, D, S>> = {},
): NativeContext<I, D, S> {
  return Object.freeze({
    input: {} as I,
    data: null,
    user: null,
    headers: {},
    tenant_id: null,
    session: {} as S,
    ...parts,
  });
}

/**
 * The bytes of a real plugin for `loadPluginBytes`. Both of its hooks return this answer, so a test of a server needs no
 * compiler. Hookcell trusts this array of bytes and compiles it in the test's own process, as with `isolate: false`; a
 * copy of it is compiled in a child process.
 *
 * ```ts
 * await runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'no more today' }));
 * ```
 *
 * @param answer - a result of the plugin contract, or any text, to test how the server handles an invalid result
 */
export function pluginAnswering(answer: PluginAnswer | string): Uint8Array<ArrayBuffer> {
  if (typeof answer !== 'string' && !isRecord(answer)) {
    throw new TypeError(`the answer must be an object or a string, got ${kindOf(answer)}`);
  }
  return madeModule({ answer: typeof answer === 'string' ? answer : JSON.stringify(answer) });
}

/** The bytes of a plugin that faults on every call: it traps, or loops until it runs out of fuel or time. */
export function pluginFailing(how: 'trap' | 'loop' = 'trap'): Uint8Array<ArrayBuffer> {
  if (how !== 'trap' && how !== 'loop') {
    throw new TypeError(`how must be 'trap' or 'loop', got ${JSON.stringify(how)}`);
  }
  return madeModule(how);
}

/** Marks the module as Hookcell's own code, which needs no child process to compile. */
function madeModule(code: HookCode): Uint8Array<ArrayBuffer> {
  return markOwnModule(pluginModule(code));
}
