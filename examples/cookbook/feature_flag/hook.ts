// Says which features are on for a user. The same user always gets the same ones, and a feature reaches more users step by step.

import type { Hook } from '@hookcell/javascript';

/** `percent` of the users have a feature, and so has everyone with one of the `roles`. */
const features = [
  { name: 'new_checkout', percent: 25, roles: ['beta', 'staff'] },
  { name: 'dark_mode', percent: 100, roles: [] },
  { name: 'search_by_image', percent: 0, roles: ['staff'] },
];

export const before_hook: Hook = ({ input, user }) => {
  const on = features.filter(
    ({ name, percent, roles }) =>
      percent === 100 || (user !== null && (roles.includes(user.role) || fnv1a(`${name}:${user.id}`) % 100 < percent)),
  );
  // A client cannot turn on a feature: whatever it sent as `features` is replaced.
  input['features'] = on.map(({ name }) => name);
};

/** A hash that is the same in every language and version (FNV-1a, 32 bits, of the UTF-8). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}
