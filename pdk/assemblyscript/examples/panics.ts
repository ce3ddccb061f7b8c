// Logs a line and aborts: hookcell's tests show that the server then has the line, the message and the place.

import { Context, JsonObject, Rejection, log } from '@hookcell/assemblyscript';

export function before_hook(ctx: Context): Rejection | null {
  log.info('counting', new JsonObject().set('items', ctx.input.size));
  const items = ctx.input.items('items');
  assert(items !== null, 'the input has items');
  let sum = 0.0;
  for (let i = 0; i < items!.length; i++) sum += items![i].number;
  log.info('counted', new JsonObject().set('sum', sum));
  return null;
}
