// What leaves the server has no secrets: some members are removed, others are masked, however deep they are in the data.

import { Context, JsonObject, Rejection, Value } from '@hookcell/assemblyscript';

const removed: string[] = ['password', 'password_hash', 'secret', 'token', 'api_key'];
/** What is deeper was not looked at, so it does not leave either. */
const deepest = 16;

export function before_hook(ctx: Context): Rejection | null {
  return null;
}

export function after_hook(ctx: Context): Rejection | null {
  if (roleOf(ctx) != 'admin') ctx.data = redacted(ctx.data, 0);
  return null;
}

function roleOf(ctx: Context): string {
  const user = ctx.user;
  const role = user !== null ? user.string('role') : null;
  return role !== null ? role : '';
}

function redacted(value: Value, depth: i32): Value {
  const items = value.items;
  const object = value.object;
  if (items === null && object === null) return value;
  if (depth == deepest) return Value.nothing();
  if (items !== null) {
    const kept: Value[] = [];
    for (let i = 0; i < items.length; i++) kept.push(redacted(items[i], depth + 1));
    return Value.of(kept);
  }
  return redactedObject(object!, depth);
}

function redactedObject(object: JsonObject, depth: i32): Value {
  const names = object.names;
  for (let i = 0; i < names.length; i++) {
    const name = names[i];
    const value = object.get(name)!;
    if (removed.includes(name)) object.remove(name);
    else if (name == 'email' && !value.isNull) object.set(name, maskedEmail(value.string));
    else if (name == 'card_number' && !value.isNull) object.set(name, maskedCard(value.string));
    else object.set(name, redacted(value, depth + 1));
  }
  return Value.of(object);
}

/** `ada@example.com` is `***@example.com`. */
function maskedEmail(email: string | null): Value {
  if (email === null) return Value.nothing();
  const at = email.lastIndexOf('@');
  return Value.of<string>(at == -1 ? '***' : '***' + email.substring(at));
}

/** `4111 1111 1111 1234` is `**** 1234`. What is not like a card number is masked as a whole. */
function maskedCard(card: string | null): Value {
  if (card === null) return Value.nothing();
  return Value.of<string>(isCard(card) ? '**** ' + card.substring(card.length - 4) : '****');
}

function isCard(text: string): bool {
  if (text.length < 8) return false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isDigit = code >= 0x30 && code <= 0x39;
    if (!isDigit && (code != 0x20 || i >= text.length - 4)) return false;
  }
  return true;
}
