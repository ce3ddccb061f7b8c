import type { Context } from './context.js';
import type { Json, JsonObject } from './json.js';
import type { Changes, Result } from './result.js';

/**
 * A hook. It returns
 *
 * - nothing: what it changed in `ctx.input` and `ctx.data` is changed
 * - an object with `input`, `data` or both: these are new, and what is left out stays
 * - a {@link Result}, such as what {@link reject} returns
 *
 * or a promise of one of them. Anything else, and an exception, is a fault of the plugin.
 *
 * @typeParam Input - the shape of `input`
 * @typeParam Data - the shape of `data`
 * @typeParam Config - the shape of `config`
 */
export type Hook<Input extends object = JsonObject, Data = Json, Config = Json> = (
  ctx: Context<Input, Data, Config>,
) => HookResult<Input, Data> | Promise<HookResult<Input, Data>>;

/** What a {@link Hook} returns. */
// `void`, because most hooks return nothing.
// oxlint-disable-next-line typescript/no-invalid-void-type
export type HookResult<Input extends object = JsonObject, Data = Json> =
  | Changes<Input, Data>
  | Result<Input, Data>
  | undefined
  | void;
