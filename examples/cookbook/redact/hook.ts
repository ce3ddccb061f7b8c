// What leaves the server has no secrets: some members are removed, others are masked, however deep they are in the data.

import type { Hook, Json } from '@hookcell/javascript';

const removed = new Set(['password', 'password_hash', 'secret', 'token', 'api_key']);
/** What is deeper was not looked at, so it does not leave either. */
const deepest = 16;

export const before_hook: Hook = () => {};

export const after_hook: Hook = (ctx) => {
  if (ctx.user?.role === 'admin') return;
  ctx.data = redacted(ctx.data, 0);
};

function redacted(value: Json, depth: number): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === deepest) return null;
  if (Array.isArray(value)) return value.map((item) => redacted(item, depth + 1));
  const kept = Object.entries(value).filter(([name]) => !removed.has(name));
  return Object.fromEntries(kept.map(([name, member]) => [name, redactedMember(name, member, depth + 1)]));
}

function redactedMember(name: string, value: Json, depth: number): Json {
  if (name === 'email' && value !== null) return typeof value === 'string' ? maskedEmail(value) : null;
  if (name === 'card_number' && value !== null) return typeof value === 'string' ? maskedCard(value) : null;
  return redacted(value, depth);
}

/** `ada@example.com` is `***@example.com`. */
function maskedEmail(email: string): string {
  const at = email.lastIndexOf('@');
  return at === -1 ? '***' : `***${email.slice(at)}`;
}

/** `4111 1111 1111 1234` is `**** 1234`. What is not like a card number is masked as a whole. */
function maskedCard(card: string): string {
  return /^[0-9 ]{4,}[0-9]{4}$/.test(card) ? `**** ${card.slice(-4)}` : '****';
}
