// Whose orders they are, and the plugins that each of them brings. Paths are those from the root of the repository.

/** What a tenant brings; each is there or not. */
export interface TenantPlugins {
  before?: string;
  after?: string;
}

/** Who makes a request, as hooks are told. */
interface Caller {
  tenant_id: string | null;
}

const validateEmail = 'pdk/rust/validate_email.wasm';
const orderLimit = 'examples/orders/plugins/order_limit.wasm';

const tenants: ReadonlyMap<string | null, TenantPlugins> = new Map([
  // Tidies addresses and refuses wrong ones, and adds their domain to every order that is answered.
  ['acme', { before: validateEmail, after: validateEmail }],
  // Sells at most ten of an item, and adds nothing.
  ['globex', { before: orderLimit }],
]);

/** The plugins to load before the service starts. */
export const pluginFiles: readonly string[] = [validateEmail, orderLimit];

export const isTenant = ({ tenant_id }: Caller): boolean => tenants.has(tenant_id);
export const beforeOf = ({ tenant_id }: Caller): string | undefined => tenants.get(tenant_id)?.before;
export const afterOf = ({ tenant_id }: Caller): string | undefined => tenants.get(tenant_id)?.after;

/** A header is enough for an example. A real server knows the tenant from a session, where no client can choose it. */
export function tenantOf({ headers }: { headers: NodeJS.Dict<string | string[]> }): string {
  return headers['x-tenant']?.toString() ?? '';
}
