// Whose orders they are, and the plugins that each of them brings. Paths are those from the root of the repository.

import type { WasmRuntime } from 'hookcell';

/** The plugins of one tenant; each is there or not. */
export interface TenantPlugins {
  before?: string;
  after?: string;
}

const validateEmail = 'pdk/rust/validate_email.wasm';

export const tenants: ReadonlyMap<string | null, TenantPlugins> = new Map([
  // Tidies addresses and refuses wrong ones, and adds their domain to every order that is answered.
  ['acme', { before: validateEmail, after: validateEmail }],
  // Sells at most ten of an item, and adds nothing.
  ['globex', { before: 'examples/orders/plugins/order_limit.wasm' }],
]);

/** Loads what the tenants bring. A server that cannot should not start. */
export async function loadPlugins(runtime: WasmRuntime): Promise<void> {
  const files = [...tenants.values()].flatMap(({ before, after }) => [before, after]);
  await Promise.all(files.filter((file) => file !== undefined).map((file) => runtime.loadPlugin(file)));
}

/** A header is enough for an example. A real server knows the tenant from a session, which no client can choose. */
export function tenantOf({ headers }: { headers: NodeJS.Dict<string | string[]> }): string | null {
  return headers['x-tenant']?.toString() ?? null;
}
