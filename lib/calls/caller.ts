import { shown } from '../values/shown-text.js';
import { kindOf } from '../values/value-kind.js';

/** Who makes the request. */
export interface HookUser {
  id: string;
  role: string;
}

/** Who makes a request, as its hooks are told. A plugin cannot change it. */
export interface Caller {
  user: HookUser | null;
  headers: Record<string, string>;
  tenant_id: string | null;
}

/** Makes the error for a caller that is wrong. */
type ErrorFor = (problem: string) => Error;

/** Reads a user. `undefined` is `null`. */
export function parseUser(user: unknown, errorFor: ErrorFor): HookUser | null {
  if (user === undefined || user === null) {
    return null;
  }
  if (kindOf(user) !== 'an object') {
    throw errorFor(`user must be an object or null, got ${kindOf(user)}`);
  }
  const { id, role } = user as Partial<Record<keyof HookUser, unknown>>;
  checkIdentity('user.id', id, errorFor);
  checkIdentity('user.role', role, errorFor);
  return user as HookUser;
}

/** Reads headers. */
export function parseHeaders(headers: unknown, errorFor: ErrorFor): Record<string, string> {
  if (kindOf(headers) !== 'an object') {
    throw errorFor(`headers must be an object, got ${kindOf(headers)}`);
  }
  const record = headers as Record<string, unknown>;
  for (const name of Object.keys(record)) {
    if (typeof record[name] !== 'string') {
      throw errorFor(`the header "${shown(name)}" must be a string, got ${kindOf(record[name])}`);
    }
  }
  return record as Record<string, string>;
}

/**
 * Reads a tenant. `undefined` is `null`.
 *
 * @param name - the key or option that it is, for an error
 */
export function parseTenantId(name: string, tenantId: unknown, errorFor: ErrorFor): string | null {
  if (tenantId === undefined || tenantId === null) {
    return null;
  }
  checkIdentity(name, tenantId, errorFor, 'a string or null');
  return tenantId;
}

/** The members of a context that tell of the caller, as JSON. Of a user, only `id` and `role` are for the plugin. */
export function encodeCaller({ user, headers, tenant_id }: Caller): string {
  const userText = user === null ? 'null' : `{"id":${JSON.stringify(user.id)},"role":${JSON.stringify(user.role)}}`;
  return `"user":${userText},"headers":${JSON.stringify(headers)},"tenant_id":${JSON.stringify(tenant_id)}`;
}

/** Most languages lose half of a surrogate pair, and then two identities are one. */
function checkIdentity(name: string, text: unknown, errorFor: ErrorFor, expected = 'a string'): asserts text is string {
  if (typeof text !== 'string') {
    throw errorFor(`${name} must be ${expected}, got ${kindOf(text)}`);
  }
  if (!text.isWellFormed()) {
    throw errorFor(`${name} must be well-formed Unicode, got '${shown(text)}'`);
  }
}
