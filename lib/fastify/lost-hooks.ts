import { subscribe } from 'node:diagnostics_channel';

import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';

import { hookOptionNames } from '../hooks/options/hook-options.js';

// The same in every copy of this package, so that one copy sees which routes another has hooked.
const hookedKey = Symbol.for('hookcell.fastify.hooked');
const watchedKey = Symbol.for('hookcell.fastify.watched');

/** Marks a route as handled by a registration. */
export function markHooked(route: RouteOptions): void {
  route.config = Object.assign({ ...route.config }, { [hookedKey]: true });
}

/** What is wrong with the route of a request, if it has hooks that no registration has put around its handler. */
export function lostHooks({ routeOptions: { config } }: FastifyRequest): string | undefined {
  return isLost(config) ? lostText(config) : undefined;
}

/**
 * Keeps servers from starting with a route whose hooks would not run, because its scope has no registration, or because the
 * route was added before it. Fastify announces each server that is made after this module is loaded.
 */
export function watchServers(): void {
  subscribe('fastify.initialization', (message) => watch((message as { fastify: FastifyInstance }).fastify));
}

function watch(fastify: FastifyInstance): void {
  if (watchedKey in fastify) {
    return;
  }
  Object.defineProperty(fastify, watchedKey, { value: true });
  const routes: RouteOptions[] = [];
  fastify.addHook('onRoute', (route) => void routes.push(route));
  fastify.addHook('onReady', async () => {
    const lost = routes.filter(({ config }) => isLost(config));
    if (lost.length > 0) {
      throw new Error(lost.map(({ method, url, config }) => lostText({ ...config, method, url })).join('\n'));
    }
  });
}

function isLost(config: RouteOptions['config']): boolean {
  const hooks: unknown = config?.hooks;
  // Another plugin may use `config.hooks` too.
  const isOurs = typeof hooks === 'object' && hooks !== null && hookOptionNames.some((name) => name in hooks);
  return isOurs && !(hookedKey in (config as object));
}

function lostText({ method, url }: { method?: unknown; url?: unknown }): string {
  return (
    `${String(method)} ${String(url)} has config.hooks, which would not run: ` +
    'await app.register(hookcell, …) in its scope before you add the route'
  );
}
