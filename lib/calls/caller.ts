import { quoted } from '../values/json-text.js';
import { shown } from '../values/shown-text.js';
import { tenantLengthProblem } from '../values/tenant-length.js';
import { isRecord, kindOf } from '../values/value-kind.js';

/** Who makes the request. */
export interface HookUser {
  id: string;
  role: string;
}

/** Who makes a request, as its hooks see it. A plugin cannot change it. */
export interface Caller {
  user: HookUser | null;
  headers: Record<string, string>;
  tenant_id: string | null;
}

/** Makes the error for an invalid caller. */
type ErrorFor = (problem: string) => Error;

/** Reads a user. `undefined` becomes `null`. */
export function parseUser(user: unknown, errorFor: ErrorFor): HookUser | null {
  if (user === undefined || user === null) {
    return null;
  }
  if (!isRecord(user)) {
    throw errorFor(`user must be an object or null, got ${kindOf(user)}`);
  }
  const { id, role } = user as Partial<Record<keyof HookUser, unknown>>;
  checkIdentity('user.id', id, errorFor);
  checkIdentity('user.role', role, errorFor);
  return user as HookUser;
}

/** Reads headers. */
export function parseHeaders(headers: unknown, errorFor: ErrorFor): Record<string, string> {
  if (!isRecord(headers)) {
    throw errorFor(`headers must be an object, got ${kindOf(headers)}`);
  }
  if (Symbol.iterator in headers) {
    // A `Headers` or a `Map`, whose JSON would be that of no headers at all.
    throw errorFor('headers must be an object of names and values, got what Object.fromEntries makes one of');
  }
  const parsed = headers as Record<string, string>;
  // Not `Object.entries`, which takes three times as long.
  for (const name of Object.keys(parsed)) {
    checkHeader(name, parsed[name], errorFor);
  }
  return parsed;
}

/**
 * Reads a tenant. `undefined` becomes `null`.
 *
 * @param name - the key or option, for an error
 */
export function parseTenantId(name: string, tenantId: unknown, errorFor: ErrorFor): string | null {
  if (tenantId === undefined || tenantId === null) {
    return null;
  }
  checkIdentity(name, tenantId, errorFor, 'a string or null');
  const problem = tenantLengthProblem(name, tenantId);
  if (problem !== undefined) {
    throw errorFor(problem);
  }
  return tenantId;
}

/**
 * The members of a context that describe the caller, as JSON. Of the user, only `id` and `role` reach the plugin. Each
 * value is read once and checked as it is written: a getter may return another value than the one that was parsed.
 */
export function encodeCaller({ user, headers, tenant_id }: Caller, errorFor: ErrorFor): string {
  const tenantText = tenant_id === null ? 'null' : quoted(tenant_id);
  return `"user":${encodeUser(user, errorFor)},"headers":${encodeHeaders(headers, errorFor)},"tenant_id":${tenantText}`;
}

function encodeUser(user: HookUser | null, errorFor: ErrorFor): string {
  if (user === null) {
    return 'null';
  }
  const { id, role } = user;
  checkIdentity('user.id', id, errorFor);
  checkIdentity('user.role', role, errorFor);
  return `{"id":${quoted(id)},"role":${quoted(role)}}`;
}

/** Writes each value itself, because the object may have its own `toJSON`. */
function encodeHeaders(headers: Record<string, string>, errorFor: ErrorFor): string {
  let text = '';
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    checkHeader(name, value, errorFor);
    text += `${text === '' ? '' : ','}${quoted(name)}:${quoted(value)}`;
  }
  return `{${text}}`;
}

function checkHeader(name: string, value: unknown, errorFor: ErrorFor): asserts value is string {
  if (typeof value !== 'string') {
    throw errorFor(`the header "${shown(name)}" must be a string, got ${kindOf(value)}`);
  }
}

/** Most languages lose half of a surrogate pair, which would make two identities one. */
function checkIdentity(name: string, text: unknown, errorFor: ErrorFor, expected = 'a string'): asserts text is string {
  if (typeof text !== 'string') {
    throw errorFor(`${name} must be ${expected}, got ${kindOf(text)}`);
  }
  if (!text.isWellFormed()) {
    throw errorFor(`${name} must be well-formed Unicode, got '${shown(text)}'`);
  }
}
