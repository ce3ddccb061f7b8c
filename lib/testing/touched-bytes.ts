import { checkContext, encodeContext } from '../calls/context.js';
import type { HookContext } from '../calls/context.js';
import { checkHookName } from '../calls/hook-name.js';
import { refusalError } from '../errors.js';
import type { Refusal } from '../errors.js';
import { grantNames, parseGrants } from '../grants/grants.js';
import { pluginKey } from '../loads/plugin-key.js';
import type { SyncCallOptions } from '../options/call-options.js';
import { parseSyncLimits } from '../options/limits.js';
import { nativeOf } from '../runtime-parts.js';
import type { JsonObject } from '../values/json.js';

/**
 * How much memory a call writes to, which is what its cost grows with: the bytes of the pages of 4 KiB that differ, when it ends, from
 * a cell in which no hook ran. Makes the call once more, on the calling thread, which it blocks; nothing of it is logged or recorded.
 *
 * @param runtime - a `WasmRuntime`
 * @param options - as for `callHookSync`
 * @throws `HookcellError` and `TypeError` as for `callHookSync`
 */
export function touchedBytes<I extends object = JsonObject, D = unknown>(
  runtime: object,
  plugin: string | URL,
  hook: string,
  context: HookContext<I, D>,
  options?: SyncCallOptions,
): number {
  const limits = parseSyncLimits(options, grantNames);
  const grants = parseGrants(options);
  checkHookName(hook);
  const text = encodeContext(checkContext(context));
  const reply = nativeOf(runtime).touchedBytes(pluginKey(plugin), hook, text, limits, grants?.settings);
  const { touched, refused } = JSON.parse(reply) as { touched: number; refused?: Refusal };
  if (refused !== undefined) {
    throw refusalError(refused);
  }
  return touched;
}
