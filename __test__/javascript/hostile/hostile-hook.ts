/** A hook whose author is an attacker. */
export interface HostileHook {
  does: string;
  /** The body of an async function of `ctx`. */
  body: string;
  /** How its call ends: a fault's code and how its message begins, `rejected: …`, or `ok: …` with `input` and `data`. */
  ends: string;
}

export const group = (rows: readonly (readonly [does: string, body: string, ends: string])[]): HostileHook[] =>
  rows.map(([does, body, ends]) => ({ does, body, ends }));

export const unchanged = 'ok: {"n":1} null';
