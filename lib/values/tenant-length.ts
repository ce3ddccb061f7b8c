/** The longest tenant, in UTF-16 code units: room for a URL or a digest, and less than a request's context takes. */
export const MAX_TENANT_LENGTH = 256;

/**
 * Says what is wrong with the length of a tenant; `undefined` if nothing is.
 *
 * @param name - the argument or option
 */
export function tenantLengthProblem(name: string, tenant: string): string | undefined {
  return tenant.length > MAX_TENANT_LENGTH
    ? `${name} must have at most ${MAX_TENANT_LENGTH} characters, got ${tenant.length}`
    : undefined;
}
