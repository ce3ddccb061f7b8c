// Says no with the HTTP status that fits, so that a client knows what to do about it.

import { reject, type Hook } from '@hookcell/javascript';

const most = 100;

export const before_hook: Hook = ({ input, user }) => {
  if (user === null) return reject('sign in first', [], 401);
  if (user.role === 'viewer') return reject('viewers may not order', [{ role: 'viewer' }], 403);
  const { items } = input;
  // Without a status, an adapter responds 422.
  if (!Array.isArray(items)) return reject('items must be a list', [{ field: 'items' }]);
  if (items.length > most) return reject('too many items', [{ most }], 413);
  const seen = new Set<string>();
  for (const item of items) {
    const sku = typeof item === 'object' && item !== null && !Array.isArray(item) ? item['sku'] : undefined;
    if (typeof sku !== 'string') continue;
    if (seen.has(sku)) return reject('an item is there twice', [{ sku }], 409);
    seen.add(sku);
  }
  return undefined;
};
