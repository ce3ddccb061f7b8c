import type { Json, JsonObject } from './json.js';

/**
 * What a hook gets. It may change `input` and `data` in place; changes of the rest are ignored.
 *
 * @typeParam Input - the shape of `input`. The server decides what it sends, so check what you rely on
 * @typeParam Data - the shape of `data`
 * @typeParam Config - the shape of `config`
 */
export interface Context<Input extends object = JsonObject, Data = Json, Config = Json> {
  /** What the client sent. */
  input: Input;
  /** What the operation gave. In a `before_hook` it is usually `null`. */
  data: Data | null;
  /** Who makes the request, if the server says so. */
  readonly user: { readonly id: string; readonly role: string } | null;
  /** The headers that the server passes on; their names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** On whose behalf the call is made. */
  readonly tenant_id: string | null;
  /** What the operator set for this plugin, if anything. */
  readonly config?: Config;
  /** The time in milliseconds since 1970, and as RFC 3339 in UTC, if the server grants one. */
  readonly now?: { readonly ms: number; readonly iso: string };
  /** A seed for random numbers, if the server grants one. */
  readonly seed?: number | string;
}
