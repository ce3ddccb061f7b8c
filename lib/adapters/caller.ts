import type { IncomingHttpHeaders } from 'node:http';

import type { HookUser } from '../context.js';
import { kindOf } from '../value-kind.js';

/** Reads something off a request, at once or as a promise. */
export type RequestValue<R, T> = (request: R) => T | Promise<T>;

/** What the plugins may know of who makes a request. It is read once a request, before the first hook. */
export interface CallerOptions<R> {
  /** Who makes the request. Default: nobody, `null`. */
  user?: RequestValue<R, HookUser | null | undefined> | undefined;

  /**
   * Whose request it is, where one server serves many. The plugin sees it, and it is the `tenant` of the calls, which
   * take turns with other tenants'. Default `null`.
   */
  tenantId?: RequestValue<R, string | null | undefined> | undefined;

  /**
   * Names of the headers that the plugins see, in any case. Default `accept-language`, `content-type` and
   * `user-agent`: none with which a plugin could act as the user, as `cookie` and `authorization` are.
   */
  headers?: readonly string[] | undefined;
}

/** The part of a hook's context that says who calls. */
export interface Caller {
  user: HookUser | null | undefined;
  headers: Record<string, string>;
  tenantId: string | null | undefined;
}

/** The names of {@link CallerOptions}. */
export const callerOptionNames = ['user', 'tenantId', 'headers'] as const satisfies (keyof CallerOptions<unknown>)[];

const DEFAULT_HEADERS: readonly string[] = ['accept-language', 'content-type', 'user-agent'];

/** Reads the options once, and gives what reads each request. */
export function callerReader<R extends { headers: IncomingHttpHeaders }>(
  options: CallerOptions<R>,
): (request: R) => Promise<Caller> {
  const { user, tenantId } = options;
  requireFunction('user', user);
  requireFunction('tenantId', tenantId);
  const names = headerNames(options.headers);

  return async (request) => {
    const headers: Record<string, string> = {};
    for (const name of names) {
      const value = request.headers[name];
      if (value !== undefined) {
        headers[name] = Array.isArray(value) ? value.join(', ') : value;
      }
    }
    return { user: await user?.(request), headers, tenantId: await tenantId?.(request) };
  };
}

function headerNames(headers: unknown = DEFAULT_HEADERS): string[] {
  if (!Array.isArray(headers)) {
    throw new TypeError(`headers must be an array of names, got ${kindOf(headers)}`);
  }
  return headers.map((name: unknown) => {
    if (typeof name !== 'string') {
      throw new TypeError(`headers must be an array of names, got one that is ${kindOf(name)}`);
    }
    return name.toLowerCase();
  });
}

function requireFunction(option: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') {
    throw new TypeError(`${option} must be a function of the request, got ${kindOf(value)}`);
  }
}
