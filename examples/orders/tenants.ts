// The tenants and their plugins. Paths start at the root of the repository.

/** The plugins of a tenant, each optional. */
export interface TenantPlugins {
  before?: string;
  after?: string;
}

/** The user of a request, for the hooks. */
interface Caller {
  tenant_id: string | null;
}

const validateEmail = 'pdk/rust/validate_email.wasm';
const orderLimit = 'examples/orders/plugins/order_limit.wasm';

const tenants: ReadonlyMap<string | null, TenantPlugins> = new Map([
  // Normalizes addresses, rejects wrong ones, and adds their domain to the order in every response.
  ['acme', { before: validateEmail, after: validateEmail }],
  // Sells at most ten of an item, and adds nothing to responses.
  ['globex', { before: orderLimit }],
  // Has a hook as text, where the service has an editor.
  ['initech', {}],
]);

/** The plugins to load before the service starts. */
export const pluginFiles: readonly string[] = [validateEmail, orderLimit];

/** The hooks as text that tenants begin with. */
export const sourceFiles: readonly (readonly [tenant: string, file: string])[] = [
  ['initech', 'examples/orders/plugins/minimum.ts'],
];

export const isTenant = ({ tenant_id }: Caller): boolean => tenants.has(tenant_id);
export const beforeOf = ({ tenant_id }: Caller): string | undefined => tenants.get(tenant_id)?.before;
export const afterOf = ({ tenant_id }: Caller): string | undefined => tenants.get(tenant_id)?.after;

/** A header is enough for an example. A real server takes the tenant from a session, so that a client cannot choose it. */
export function tenantOf({ headers }: { headers: NodeJS.Dict<string | string[]> }): string {
  return headers['x-tenant']?.toString() ?? '';
}
