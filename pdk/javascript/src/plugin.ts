// The plugin contract in TypeScript.

/** Anything that JSON can hold. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** What a hook gets. It may change `input` and `data` in place. */
export interface Context {
  input: { [key: string]: Json };
  data: Json;
  readonly user: { readonly id: string; readonly role: string } | null;
  readonly headers: { readonly [name: string]: string };
  readonly tenant_id: string | null;
}

/** What a hook may return instead of changing its context. */
export type Result =
  | { ok: true; ctx?: { input?: Context['input']; data?: Json } }
  | { ok: false; error: string; details?: Json[] };
