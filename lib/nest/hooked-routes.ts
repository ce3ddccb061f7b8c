import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleInit, Type } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';

import { LoadedPlugins, refuseMissing } from '../hooks/failure/missing-hooks.js';
import { RequestHooks } from '../hooks/request/request-hooks.js';
import { nodeRequest } from '../hooks/request/node-request.js';
import type { RequestParts } from '../hooks/request/node-request.js';
import type { RequestWithHeaders } from '../hooks/request/resolvers.js';
import { nestLog } from './module/nest-log.js';
import { rewordedError } from '../hooks/failure/reworded-error.js';
import { mergeHooks } from './decorator/merged-hooks.js';
import { MODULE_OPTIONS } from './module/module-options.js';
import type { HookcellModuleOptions } from './module/module-options.js';
import { notHttpError, takesMessages } from './transport.js';
import { HookcellService } from './module/service.js';
import { HOOKED_METHODS_METADATA, HOOKS_METADATA } from './decorator/use-hooks-options.js';
import type { AnyHooks, Handler, HookRequest } from './decorator/use-hooks-options.js';

/** The hooks of all handlers of an application. They are parsed when it starts, so that mistakes are reported then. */
@Injectable()
export class HookedRoutes implements OnModuleInit, OnApplicationBootstrap {
  readonly #service: HookcellService;
  readonly #defaults: AnyHooks;
  readonly #discovery: DiscoveryService;
  readonly #scanner: MetadataScanner;
  readonly #ran = new WeakSet<object>();
  readonly #routes = new Map<Type, Map<Handler, RequestHooks<HookRequest> | undefined>>();

  constructor(
    @Inject(HookcellService) service: HookcellService,
    @Inject(MODULE_OPTIONS) { hooks = {} }: HookcellModuleOptions,
    @Inject(DiscoveryService) discovery: DiscoveryService,
    @Inject(MetadataScanner) scanner: MetadataScanner,
  ) {
    this.#service = service;
    this.#defaults = hooks;
    this.#discovery = discovery;
    this.#scanner = scanner;
  }

  /** @internal */
  onModuleInit(): void {
    for (const { metatype } of this.#discovery.getControllers()) {
      refuseLostHooks(metatype as Type);
      for (const [name, handler] of this.#methods(metatype)) {
        if (this.of(metatype as Type, handler) !== undefined && takesMessages(handler)) {
          throw notHttpError(metatype as Type, name);
        }
      }
    }
    // Gateways, resolvers and consumers of queues: only controllers are called by HTTP.
    for (const { metatype } of this.#discovery.getProviders()) {
      const methods = this.#methods(metatype);
      if (methods.length > 0 && hooksOf(metatype as Type) !== undefined) {
        throw notHttpError(metatype as Type, undefined);
      }
      for (const [name, method] of methods) {
        if (hooksOf(method) !== undefined) {
          throw notHttpError(metatype as Type, name);
        }
      }
    }
  }

  /** @internal */
  onApplicationBootstrap(): void {
    const loaded = new LoadedPlugins(this.#service);
    const missing = [...this.#routes].flatMap(([controller, handlers]) =>
      Array.from(handlers, ([handler, hooks]) => hooks?.missing(loaded, ownerName(controller, handler)) ?? []),
    );
    refuseMissing(missing.flat());
  }

  /** The hooks around a handler, if it or its controller has any. */
  of(controller: Type, handler: Handler): RequestHooks<HookRequest> | undefined {
    let handlers = this.#routes.get(controller);
    if (handlers === undefined) {
      handlers = new Map();
      this.#routes.set(controller, handlers);
    }
    if (!handlers.has(handler)) {
      handlers.set(handler, this.#read(controller, handler));
    }
    return handlers.get(handler);
  }

  /** Records that the hooks of a request run. */
  ran(request: object): void {
    this.#ran.add(request);
  }

  /** Whether the hooks of a request have run. */
  hasRun(request: object): boolean {
    return this.#ran.has(request);
  }

  #methods(type: unknown): [string, Handler][] {
    const prototype = typeof type === 'function' ? (type.prototype as Record<string, unknown> | undefined) : undefined;
    const names = this.#scanner.getAllMethodNames(prototype ?? null);
    return names.map((name) => [name, prototype?.[name] as Handler]);
  }

  #read(controller: Type, handler: Handler): RequestHooks<HookRequest> | undefined {
    const own = hooksOf(handler);
    const options = mergeHooks(this.#defaults, hooksOf(controller), own);
    if (options === undefined || (own === undefined && isForOthers(options))) {
      return undefined;
    }
    try {
      return new RequestHooks('@UseHooks', this.#service, options, [], nestRequest);
    } catch (cause) {
      throw rewordedError(`${ownerName(controller, handler)}: ${(cause as Error).message}`, cause);
    }
  }
}

/** Nest's requests are those of Express or Fastify, and its log is its own. */
const nestRequest: RequestParts<RequestWithHeaders> = { ...nodeRequest, log: nestLog };

/** @throws where a method was decorated, and the function that is there now was not: its hooks would not run */
function refuseLostHooks(controller: Type): void {
  const current = controller.prototype as Record<string | symbol, Handler>;
  for (let owner: object | null = current; owner !== null; owner = Object.getPrototypeOf(owner) as object | null) {
    for (const name of (Reflect.getOwnMetadata(HOOKED_METHODS_METADATA, owner) ?? []) as (string | symbol)[]) {
      const method = (owner as typeof current)[name];
      if (method !== undefined && method === current[name] && hooksOf(method) === undefined) {
        throw new TypeError(
          `${controller.name}.${String(name)} has @UseHooks under a decorator that puts another function in its place: ` +
            'its hooks would not run. Put @UseHooks above that decorator',
        );
      }
    }
  }
}

function ownerName(controller: Type, handler: Handler): string {
  return `the hooks of ${controller.name}.${handler.name}`;
}

/** Whether a controller only has options for the hooks of its handlers: then a handler without `@UseHooks` has none. */
function isForOthers({ before, after, schema }: AnyHooks): boolean {
  return before === undefined && after === undefined && schema === undefined;
}

function hooksOf(target: Type | Handler): AnyHooks | undefined {
  return Reflect.getMetadata(HOOKS_METADATA, target) as AnyHooks | undefined;
}
