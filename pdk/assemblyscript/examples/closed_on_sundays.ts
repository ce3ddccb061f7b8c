import { Context, Rejection, reject } from '@hookcell/assemblyscript';

export function before_hook(ctx: Context): Rejection | null {
  if (ctx.input.string('day') == 'Sunday') return reject('closed on Sundays');
  return null;
}
