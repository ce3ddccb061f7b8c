// Decides where a tenant's data is: large tenants have a database of their own, and the others share eight.

import { reject, type Hook } from '@hookcell/javascript';

const own = new Map([
  ['acme', 'acme'],
  ['us-globex', 'globex'],
]);
const regions = new Map([
  ['ap', 'ap-south'],
  ['us', 'us-east'],
]);
const shared = 8;

export const before_hook: Hook = ({ input, tenant_id: tenant }) => {
  if (tenant === null || tenant === '') return reject('the request has no tenant', [], 400);
  const [prefix = ''] = tenant.split('-', 1);
  // A client cannot choose where it goes: whatever it sent as `route` is replaced.
  input['route'] = {
    region: regions.get(prefix) ?? 'eu-central',
    database: own.get(tenant) ?? `shared-${fnv1a(tenant) % shared}`,
  };
  return undefined;
};

/** A hash that is the same in every language and version (FNV-1a, 32 bits, of the UTF-8). */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}
