import { STATUS_CODES } from 'node:http';

import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
  RouteOptions,
  RouteShorthandOptions,
} from 'fastify';
import { WasmRuntime } from 'hookcell';
import type { SandboxConfig } from 'hookcell';

import type { JsonObject } from '../values/json.js';
import { frameworkLogger, parseLogger, warn } from '../diagnostics.js';
import type { Logger } from '../diagnostics.js';
import { changePayload, dropPayloadHooks, takePayloadHooks } from './payload-hooks.js';
import { problemPayload } from './problem.js';
import { addHooks } from './hooked-route.js';
import type { HookedRoute } from './hooked-route.js';
import { routeHookNames } from './route-hooks.js';
import type { AnyRouteHooks, RouteHooks } from './route-hooks.js';
import { lostHooks, markHooked, watchServers } from './lost-hooks.js';
import { hookOptionNames } from '../hooks/options/hook-options.js';
import { LoadedPlugins, refuseMissing } from '../hooks/failure/missing-hooks.js';
import { refuseUnknownOptions } from '../hooks/options/option-names.js';
import { loadPlugins } from '../hooks/options/plugin-source.js';
import type { PluginSource } from '../hooks/options/plugin-source.js';
import type { InputOfHandler, SchemaAt } from '../hooks/schema/schema-at.js';

export * from '../hooks/shared-exports.js';
export type { AnyRouteHooks, RouteHooks } from './route-hooks.js';
export type { PluginBytes, PluginFile, PluginSource } from '../hooks/options/plugin-source.js';

/**
 * The options of the plugin. Options of {@link RouteHooks} are the defaults of every route in its scope. A route's
 * `config.hooks` overrides each option by name.
 */
export interface HookcellOptions extends AnyRouteHooks {
  /** Your own runtime, which you close. Default: the plugin makes one from `config`, and closes it with the server. */
  runtime?: WasmRuntime | undefined;

  /** Limits, queue, code cache and log of the runtime that the plugin makes. Not allowed together with `runtime`. */
  config?: SandboxConfig | undefined;

  /** Plugins to load before the server is ready. If one cannot be loaded, the server does not start. Default none. */
  plugins?: readonly PluginSource[] | undefined;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Where the plugins of this scope are loaded. */
    hookcell: WasmRuntime;
  }

  interface FastifyContextConfig {
    /** The hooks around the handler, run by `hookcell/fastify`. `false`: none, whatever the plugin's options are. */
    hooks?: AnyRouteHooks | false | undefined;
  }
}

// The same in every copy of this package: one copy may register a scope, and another a scope inside it.
const registrationKey = Symbol.for('hookcell.fastify.registration');

watchServers();

/** Options of Fastify's own that a plugin gets. */
const registerOptionNames = ['prefix', 'logLevel', 'logSerializers'];

const register: FastifyPluginAsync<HookcellOptions> = async (fastify, options) => {
  const { runtime: given, config, plugins, ...defaults } = parseOptions(options);
  const log = logOf(fastify);
  const runtime = given ?? new WasmRuntime({ ...config, logger: config?.logger ?? log });
  const registration = {};
  const routes: HookedRoute[] = [];
  // Before anything is awaited, because a second registration in the same scope must fail here.
  fastify.decorate('hookcell', runtime);
  fastify.decorate(registrationKey, registration);

  fastify.addHook('onRoute', function onRoute(this: FastifyInstance, route: RouteOptions) {
    if (Reflect.get(this, registrationKey) !== registration) {
      // The scope of the route has its own registration.
      return;
    }
    const hooks = route.config?.hooks;
    markHooked(route);
    const merged = { ...defaults, ...hooks };
    if (hooks === false || (hooks === undefined && merged.before === undefined && merged.after === undefined)) {
      return;
    }
    routes.push(addHooks(route, runtime, merged, log));
  });
  fastify.addHook('onRequest', async (request) => {
    const lost = lostHooks(request);
    if (lost !== undefined) {
      // Without its hooks the route would let everything through.
      warn(parseLogger(defaults.logger ?? log), lost);
      throw new Error(STATUS_CODES[500], { cause: lost });
    }
  });
  fastify.addHook('onReady', async () => {
    const loaded = new LoadedPlugins(runtime);
    refuseMissing(routes.flatMap((route) => route.missing(loaded)));
  });
  handlePayloads(fastify);
  if (given === undefined) {
    fastify.addHook('onClose', () => runtime.close());
  }

  await loadPlugins(runtime, plugins);
};

/** The log of the server, if it is on: without one, warnings go to the console. */
function logOf({ log }: FastifyInstance): Logger | undefined {
  return typeof log.level === 'string' ? frameworkLogger(log) : undefined;
}

/** Sends what hooks made of a payload, and problem details for requests that they ended. */
function handlePayloads(fastify: FastifyInstance): void {
  // This runs before the `onSend` hooks that are added after this plugin, which may compress.
  fastify.addHook('onSend', (request, reply, payload, done): Promise<unknown> | undefined => {
    const hooks = takePayloadHooks(request);
    if (hooks !== undefined) {
      return changePayload(request, reply, payload, hooks);
    }
    // Most routes have no hooks, and need no promise.
    done(null, problemPayload(request, reply, payload));
    return undefined;
  });
  fastify.addHook('onError', (request, _reply, _error, done) => {
    dropPayloadHooks(request);
    done();
  });
}

/**
 * The plugin for Fastify 5 that runs hooks around the handlers of routes with `config.hooks`. Await its registration before
 * you add routes.
 *
 * - Before: at `preValidation`, or optionally `preHandler`, the hooks get `request.body` as `input`, and may change it.
 * - After: when the response has been serialized, the hooks get what the client would get as `data`, and may change it. They do
 *   not see a string, a buffer or a stream, which are not serialized.
 * - If hooks end the request, a {@link HookProblem} with `statusCode`, `code` and `headers` goes to the error handler. If none of
 *   yours responds to it, the client gets `application/problem+json`.
 *
 * ```ts
 * await app.register(hookcell, { plugins: ['./plugins/validate_email.wasm'] });
 * app.post('/users', { config: { hooks: { before: [checkQuota, './plugins/validate_email.wasm'] } } }, createUser);
 * ```
 */
export const hookcell: FastifyPluginAsync<HookcellOptions> = Object.assign(register, {
  // The contract of fastify-plugin: the registration applies to the scope that registers it, and to the scopes inside.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'hookcell',
  [Symbol.for('plugin-meta')]: { name: 'hookcell', fastify: '5.x' },
});

export default hookcell;

/** The options of a route whose handler gets a body of this type. */
export type HookedRouteOptions<O> = RouteShorthandOptions<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  { Body: O }
>;

/**
 * Makes the options of a route with these hooks, `{ config: { hooks } }`, so that the schema types the hooks and the handler.
 *
 * ```ts
 * const schema = { input: z.object({ email: z.email() }) };
 * app.post('/users', withHooks({ schema, before: './plugins/normalize.wasm' }), async ({ body }) => body.email);
 * ```
 */
export function withHooks<
  I extends object = JsonObject,
  O = unknown,
  D = unknown,
  S extends object = Record<string, unknown>,
  A extends SchemaAt = 'both',
>(hooks: RouteHooks<FastifyRequest, I, O, D, S, A>): HookedRouteOptions<InputOfHandler<A, O>> {
  return { config: { hooks }, preParsing: refuseLostHooks };
}

/** Fails a request if the server does not have the plugin, and was made before this module was loaded. */
function refuseLostHooks(
  request: FastifyRequest,
  _reply: FastifyReply,
  _payload: unknown,
  done: (error?: Error | null) => void,
): void {
  const lost = lostHooks(request);
  done(lost === undefined ? null : new Error(STATUS_CODES[500], { cause: lost }));
}

function parseOptions(options: HookcellOptions): HookcellOptions {
  refuseUnknownOptions('hookcell', options, [
    'runtime',
    'config',
    'plugins',
    ...hookOptionNames,
    ...routeHookNames,
    ...registerOptionNames,
  ]);
  const own = Object.entries(options).filter(([name]) => !registerOptionNames.includes(name));
  const parsed = Object.fromEntries(own) as HookcellOptions;
  if (parsed.runtime !== undefined && parsed.config !== undefined) {
    throw new TypeError('hookcell takes runtime or config, not both');
  }
  return parsed;
}
