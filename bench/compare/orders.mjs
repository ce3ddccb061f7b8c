const item = { sku: 'LAMP-0042', quantity: 2, price: 1995, note: 'Gift wrapped, please' };

/**
 * A context with an order of so many items; as JSON 200 bytes with none, 5 KB with 64, 100 KB with 1,300. The same as in
 * crates/host/benches.
 *
 * @param {number} items
 */
export function order(items) {
  return {
    input: { email: ' Ada@Example.com ', name: 'Ada Lovelace', items: Array.from({ length: items }, () => item) },
    data: null,
    user: { id: '1', role: 'admin' },
    headers: { 'content-type': 'application/json', 'user-agent': 'curl/8.5' },
    tenant_id: 'example',
  };
}

/** The sizes that are measured, and how many items make them. */
export const sizes = [
  { size: '200 B', items: 0 },
  { size: '5 KB', items: 64 },
  { size: '100 KB', items: 1_300 },
];

/**
 * Whether the plugin did its work: a benchmark must not count failures.
 *
 * @param {{ ok: boolean, ctx?: { input: { email: string } } }} result of the example in pdk/, from an order
 */
export function isNormalized(result) {
  return result.ok === true && result.ctx?.input.email === 'ada@example.com';
}
