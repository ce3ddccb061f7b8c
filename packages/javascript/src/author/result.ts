import type { Json, JsonObject } from './json.js';

/** New values of `input` and `data`. What is left out stays. */
export interface Changes<Input extends object = JsonObject, Data = Json> {
  input?: Input;
  data?: Data | null;
}

/** An operation of a JSON Patch (RFC 6902). Its paths begin with `/input` or `/data`. */
export type PatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: Json }
  | { op: 'remove'; path: string }
  | { op: 'copy' | 'move'; from: string; path: string };

/** The hook accepts, perhaps with changes. */
export type Accepted<Input extends object = JsonObject, Data = Json> =
  | { ok: true; ctx?: Changes<Input, Data> }
  | { ok: true; patch: PatchOperation[] };

/** The hook says no. `error` is for the user, and `details` is anything that helps. */
export interface Rejected {
  ok: false;
  error: string;
  details?: readonly unknown[];
}

/** A result in the words of the plugin contract. */
export type Result<Input extends object = JsonObject, Data = Json> = Accepted<Input, Data> | Rejected;

/**
 * The result of a hook that says no: `return reject('email is not valid')`.
 *
 * @param error why, for the user
 * @param details anything that helps. JSON must be able to hold it
 * @param status the HTTP status that an adapter responds with, 400 to 499. It becomes the first of the details, `{ status }`,
 *   where the adapters look for it. Without it they respond 422
 */
export function reject(error: string, details: readonly unknown[] = [], status?: number): Rejected {
  const all = status === undefined ? details : [{ status }, ...details];
  return all.length > 0 ? { ok: false, error, details: all } : { ok: false, error };
}
