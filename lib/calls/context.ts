import { encodeCaller, parseHeaders, parseTenantId, parseUser } from './caller.js';
import type { HookUser } from './caller.js';
import { HookcellError } from '../errors.js';
import type { HookcellErrorOptions } from '../errors.js';
import { grantNames } from '../grants/grants.js';
export type { JsonObject, JsonValue } from '../values/json.js';
import type { JsonObject } from '../values/json.js';
import { nonFinitePath } from '../values/non-finite.js';
import { shown } from '../values/shown-text.js';
import { isRecord, kindOf } from '../values/value-kind.js';

/**
 * What a hook gets. The keys are the ones that the plugin reads; no others are allowed.
 *
 * @typeParam I - the shape of `input`
 * @typeParam D - the shape of `data`
 */
export interface HookContext<I extends object = JsonObject, D = unknown> {
  /** What the operation is asked to do: an object, often the body of a request. A plugin can change it. */
  input: I;
  /** What the operation returned, for a hook that runs after it. A plugin can change it. Default `null`. */
  data?: D | null | undefined;
  /** Who makes the request. Only `id` and `role` of the object reach the plugin. Default `null`. */
  user?: HookUser | null | undefined;
  /**
   * The headers that the plugin can see. Default `{}`. Choose them: an untrusted plugin must not see `cookie` or
   * `authorization`.
   */
  headers?: Record<string, string> | null | undefined;
  /** The tenant on whose behalf the request is made: at most 256 characters. Default `null`. */
  tenant_id?: string | null | undefined;
}

/**
 * A context with all of its keys: what a plugin sees, and what a call returns as `ctx`, with the plugin's changes. You can
 * pass it to the next hook as it is.
 */
export interface WholeContext<I extends object = JsonObject, D = unknown> {
  input: I;
  data: D | null;
  user: HookUser | null;
  headers: Record<string, string>;
  tenant_id: string | null;
}

/** What a plugin changed; an omitted key is unchanged. */
export interface ContextChanges {
  input?: unknown;
  data?: unknown;
}

const contextKeys: readonly string[] = ['input', 'data', 'user', 'headers', 'tenant_id'];

/** A checked context, with the JSON of the parts that are already written. */
export interface CheckedContext<I extends object, D> {
  readonly whole: WholeContext<I, D>;
  /** The text from {@link encodeCaller}. */
  readonly callerText: string;
  /** The JSON of `data`, if it is known. */
  readonly dataText?: string | undefined;
}

/**
 * Checks a context and fills in its defaults. The checks are cheap, because every call makes them; `JSON.stringify` checks
 * `input` and `data`.
 */
export function checkContext<I extends object, D>(context: HookContext<I, D>): CheckedContext<I, D> {
  checkContextKeys(context);
  const { input, data = null, user, headers, tenant_id } = context;
  if (!isRecord(input)) {
    throw contextError(`input must be an object, got ${kindOf(input)}`);
  }
  const whole = {
    input,
    data,
    user: parseUser(user, contextError),
    headers: parseHeaders(headers ?? {}, contextError),
    tenant_id: parseTenantId('tenant_id', tenant_id, contextError),
  };
  return { whole, callerText: encodeCaller(whole, contextError) };
}

/** Refuses what is no object, and a key that no plugin reads: `tenantId` would be a call without a tenant. */
export function checkContextKeys(context: unknown): void {
  if (!isRecord(context)) {
    throw contextError(`it must be an object, got ${kindOf(context)}`);
  }
  for (const key of Object.keys(context)) {
    if (!contextKeys.includes(key)) {
      throw contextError(unknownKey(key));
    }
  }
}

/** The JSON text that the plugin reads. */
export function encodeContext({ whole, callerText, dataText }: CheckedContext<object, unknown>): string {
  // Part by part, because `toJSON` can turn an object into anything, or into nothing. It takes no longer than one call for
  // the whole.
  const { data } = whole;
  const input = encode('input', whole.input);
  if (!input.startsWith('{')) {
    throw contextError('input must be an object, but its toJSON() returns something else');
  }
  // JSON writes a number that it cannot hold as `null`, so the plugin would see another value than the server.
  const path = input.includes('null') ? nonFinitePath(whole.input, 'ctx.input') : undefined;
  if (path !== undefined) {
    throw contextError(`${shown(path)} is not a finite number`, { path: shown(path) });
  }
  return `{"input":${input},"data":${dataText ?? (data === null ? 'null' : encode('data', data))},${callerText}}`;
}

/**
 * The context that now applies: the plugin's `input` and `data`, and otherwise the caller's own objects, because a plugin
 * must not change who the caller is.
 */
export function applyChanges<I extends object, D>(
  context: WholeContext<I, D>,
  { input, data }: ContextChanges,
): WholeContext<I, D> {
  if (input !== undefined) {
    context.input = input as I;
  }
  if (data !== undefined) {
    context.data = data as D;
  }
  return context;
}

function encode(key: string, value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    if (cause instanceof RangeError) {
      // The stack overflows after some thousands of levels, and a client can send that many.
      throw contextError(`ctx.${key} nests too deeply`, { cause, path: `ctx.${key}` });
    }
    throw contextError(`${key} cannot be written as JSON: ${(cause as Error).message}`, { cause });
  }
  if (text === undefined) {
    throw contextError(`${key} cannot be written as JSON: JSON.stringify returns undefined for it`);
  }
  return text;
}

function unknownKey(key: string): string {
  if ((grantNames as readonly string[]).includes(key)) {
    return `unknown key '${key}': it is an option of the call or the load`;
  }
  const plain = key.toLowerCase().replaceAll(/[^a-z]/g, '');
  const meant = contextKeys.find((known) => known.replace('_', '') === plain);
  return meant === undefined
    ? `unknown key '${shown(key)}'; the keys are ${contextKeys.join(', ')}`
    : `unknown key '${shown(key)}'; the key is '${meant}'`;
}

/** The context is not valid. */
export function contextError(problem: string, options: HookcellErrorOptions = {}): HookcellError {
  return new HookcellError('ERR_CONTEXT', `the context is not valid: ${problem}`, options);
}
