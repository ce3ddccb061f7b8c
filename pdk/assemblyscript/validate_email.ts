// validate_email: rejects an invalid e-mail address, normalizes a valid one, and adds the domain to what was stored.

import { Context, JsonObject, Rejection, Value, reject } from '@hookcell/assemblyscript';
import { domain, normalize, trim } from './email';

export function before_hook(ctx: Context): Rejection | null {
  const given = ctx.input.get('email');
  if (given === null) return refused('is required', Value.nothing());
  const text = given.string;
  if (text === null) return refused('must be a string', given);
  const address = normalize(text);
  if (address === null) return refused('is not a valid address', given);

  if (address != text) ctx.input.set('email', address);
  const name = ctx.input.string('name');
  if (name !== null) {
    const trimmed = trim(name);
    if (trimmed.length < name.length) ctx.input.set('name', trimmed);
  }
  return null;
}

export function after_hook(ctx: Context): Rejection | null {
  const data = ctx.data.object;
  if (data === null) return null;
  const text = data.string('email');
  if (text === null) return null;
  const address = normalize(text);
  if (address !== null) ctx.data = Value.of(data.set('email_domain', domain(address)));
  return null;
}

function refused(message: string, value: Value): Rejection {
  const detail = new JsonObject().set('field', 'email').set('message', message).set('value', value);
  return reject('email is not valid').detail(detail);
}
