// Says what a request will cost, before it costs anything: the server's rate limiter takes that many tokens of that class.

import { Context, JsonObject, Rejection } from '@hookcell/assemblyscript';

const most = 20.0;

export function before_hook(ctx: Context): Rejection | null {
  const input = ctx.input;
  const cost = Math.min(most, 1 + ofItems(input) + ofLimit(input) + ofQuery(input) + ofExport(input));
  const name = cost >= 10 ? 'bulk' : ordinaryClass(ctx);
  input.set('rate', new JsonObject().set('class', name).set('cost', cost));
  return null;
}

function ordinaryClass(ctx: Context): string {
  const key = ctx.header('x-api-key');
  if (key === null || key.length == 0) return 'anonymous';
  return roleOf(ctx) == 'partner' ? 'partner' : 'standard';
}

function roleOf(ctx: Context): string {
  const user = ctx.user;
  const role = user !== null ? user.string('role') : null;
  return role !== null ? role : '';
}

/** A token for every 25 items to write. */
function ofItems(input: JsonObject): f64 {
  const items = input.items('items');
  return items === null ? 0 : Math.floor(<f64>items.length / 25);
}

/** A token for every 100 rows to read. */
function ofLimit(input: JsonObject): f64 {
  const limit = input.number('limit');
  return limit > 0 ? Math.floor(limit / 100) : 0;
}

/** A long text is slow to search for. */
function ofQuery(input: JsonObject): f64 {
  const query = input.string('query');
  return query !== null && query.length > 100 ? 2 : 0;
}

function ofExport(input: JsonObject): f64 {
  return input.bool('export') ? 5 : 0;
}
