import type { IncomingHttpHeaders } from 'node:http';

import { encodeCaller, parseHeaders, parseTenantId, parseUser } from '../../calls/caller.js';
import type { Caller, HookUser } from '../../calls/caller.js';
import type { Logger } from '../../diagnostics.js';
import { MAX_REQUEST_ID } from '../../options/call-options.js';
import { kindOf } from '../../values/value-kind.js';
import { serverMistake } from '../failure/server-mistake.js';

/**
 * Reads a value from a request. Declared as a method, so that its parameter may be the framework's own request type.
 */
type RequestReader<R, T> = { read(request: R): T | Promise<T> }['read'];

/** A value for all requests, or a function that reads it from one and may return a promise. */
export type Resolver<R, T> = T | RequestReader<R, T>;

/** What the hooks see of a request. It is read once for each request, before the first hook. */
export interface ResolverOptions<R, S extends object = Record<string, unknown>> {
  /**
   * The input of the hooks, an object. Default: the body of the request, or `{}` if there is none. A value is copied for
   * each request.
   */
  input?: RequestReader<R, unknown> | object | undefined;

  /**
   * Who makes the request: an object whose `id` and `role` are well-formed strings. Only these two reach a plugin. Default
   * `null`: the user is unknown.
   */
  user?: Resolver<R, HookUser | null | undefined>;

  /**
   * Names of the headers that plugins see, in any case; or a function that returns the headers. Default `accept-language`,
   * `content-type` and `user-agent`. With `cookie` or `authorization` a plugin could act as the user.
   */
  headers?: readonly string[] | ((request: R) => Record<string, string> | Promise<Record<string, string>>) | undefined;

  /**
   * On whose behalf the request is made, if one server serves many tenants. Plugins see it as `tenant_id`, and the queue is
   * fair between tenants. At most 256 characters. Default `null`.
   */
  tenantId?: Resolver<R, string | null | undefined>;

  /**
   * The request on log lines, on messages of the diagnostics channels and in traces; cut to 128 characters. Plugins do not see it.
   * Default: the `id` that Fastify and some middleware give a request, or its header `x-request-id`.
   */
  requestId?: RequestReader<R, string | undefined> | undefined;

  /**
   * Makes the object that the native hooks of a request share. Default `{}`. It is always a function, because one object for
   * all requests would leak from one request into another.
   */
  session?: ((request: R) => S | Promise<S>) | undefined;
}

/** What is known of a request before its first hook. */
export interface Resolved {
  /** Not checked yet, because the client sent it. */
  readonly input: unknown;
  readonly caller: Caller;
  /** The JSON of the caller, for plugins. */
  readonly callerText: string;
  readonly session: object;
  readonly requestId: string | undefined;
  /** The log of the request, if the framework has one. */
  readonly logger: Logger | undefined;
}

/** A request with its parts where Node has its headers. */
export interface RequestWithHeaders {
  body?: unknown;
  /** What Fastify, or a middleware, calls the request. */
  id?: unknown;
  headers: IncomingHttpHeaders;
}

/** Where the hooks find what the options do not say. */
export interface RequestSource<R> {
  /** The input of the hooks. */
  input(request: R): unknown;
  /** The headers, of which the option chooses some by name. */
  headers(request: R): NodeJS.Dict<string | string[]>;
  /** What the framework calls the request, if that is not a header. */
  requestId?(request: R): unknown;
  /** The log of the request. */
  logger?(request: R): Logger | undefined;
  /** The framework's own log, for lines that are about no request. */
  readonly log?: Logger | undefined;
}

/** The names of {@link ResolverOptions}. */
export const resolverNames = [
  'input',
  'user',
  'headers',
  'tenantId',
  'session',
  'requestId',
] as const satisfies (keyof ResolverOptions<unknown, object>)[];

const DEFAULT_HEADERS: readonly string[] = ['accept-language', 'content-type', 'user-agent'];

/** Parses the options once, and returns the function that reads each request. */
export function requestReader<R>(
  options: ResolverOptions<R, object>,
  source: RequestSource<R>,
): (request: R) => Promise<Resolved> {
  const { input, user, tenantId, session, requestId } = options;
  if (requestId !== undefined && typeof requestId !== 'function') {
    throw new TypeError(`requestId must be a function of the request, got ${kindOf(requestId)}`);
  }
  if (session !== undefined && typeof session !== 'function') {
    throw new TypeError(`session must be a function of the request, got ${kindOf(session)}`);
  }
  const readHeaders = headersReader(source, options.headers);
  // What does not depend on a request is checked when the route is declared.
  const fixedUser = typeof user === 'function' ? undefined : parseUser(user, serverMistake);
  const fixedTenantId = typeof tenantId === 'function' ? undefined : parseTenantId('tenantId', tenantId, serverMistake);

  return async (request) => {
    const inputOfRequest = input === undefined ? await source.input(request) : await readInput(input, request);
    const caller: Caller = {
      user:
        fixedUser === undefined
          ? parseUser(await (user as (request: R) => unknown)(request), serverMistake)
          : fixedUser,
      headers: await readHeaders(request),
      tenant_id:
        fixedTenantId === undefined
          ? parseTenantId('tenantId', await (tenantId as (request: R) => unknown)(request), serverMistake)
          : fixedTenantId,
    };
    return {
      input: inputOfRequest,
      caller,
      callerText: encodeCaller(caller, serverMistake),
      session: session === undefined ? {} : checkSession(await session(request)),
      requestId: textOfId(requestId === undefined ? idOf(source, request) : await requestId(request)),
      logger: source.logger?.(request),
    };
  };
}

async function readInput<R>(input: Resolver<R, unknown>, request: R): Promise<unknown> {
  return typeof input === 'function' ? await (input as (request: R) => unknown)(request) : structuredClone(input);
}

function headersReader<R>(
  source: RequestSource<R>,
  headers: unknown = DEFAULT_HEADERS,
): (request: R) => Record<string, string> | Promise<Record<string, string>> {
  if (typeof headers === 'function') {
    return async (request) => parseHeaders(await (headers as (request: R) => unknown)(request), serverMistake);
  }
  const names = headerNames(headers);
  return (request) => {
    const all = source.headers(request);
    const chosen: Record<string, string> = {};
    for (const name of names) {
      const value = all[name];
      if (value !== undefined) {
        chosen[name] = Array.isArray(value) ? value.join(', ') : value;
      }
    }
    return chosen;
  };
}

function headerNames(headers: unknown): string[] {
  if (!Array.isArray(headers)) {
    throw new TypeError(`headers must be an array of names or a function of the request, got ${kindOf(headers)}`);
  }
  return Array.from(headers as unknown[], (name) => {
    if (typeof name !== 'string') {
      throw new TypeError(`headers must be an array of names, got one that is ${kindOf(name)}`);
    }
    return name.toLowerCase();
  });
}

function idOf<R>(source: RequestSource<R>, request: R): unknown {
  return source.requestId?.(request) ?? source.headers(request)['x-request-id'];
}

/** A client may send any header. */
function textOfId(id: unknown): string | undefined {
  const text = typeof id === 'number' ? String(id) : id;
  return typeof text === 'string' && text !== '' ? text.slice(0, MAX_REQUEST_ID) : undefined;
}

function checkSession(session: unknown): object {
  if (typeof session !== 'object' || session === null) {
    throw serverMistake(`session must give an object, got ${kindOf(session)}`);
  }
  return session;
}
