// Every adapter's behaviors, on Hono with Node's server.

import { createAdaptorServer } from '@hono/node-server';
import type { HttpBindings } from '@hono/node-server';
import type { AddressInfo } from 'node:net';

import { Hono } from 'hono';
import type { Context } from 'hono';
import { wasmHooks } from 'hookcell/hono';

import { describeBehaviors } from '../behaviors/behaviors';
import type { AnyRequest, Options } from '../behaviors/driver';

/** The same options, as functions of Hono's context. */
function forHono(options: Options): object {
  const adapted = Object.entries(options).map(([name, value]: [string, any]) =>
    typeof value === 'function' && ['user', 'tenantId', 'session', 'headers'].includes(name)
      ? [name, (c: Context<{ Bindings: HttpBindings }>) => value(asRequest(c))]
      : [name, value],
  );
  return Object.fromEntries(adapted);
}

function asRequest(c: Context<{ Bindings: HttpBindings }>): AnyRequest {
  return Object.assign({ headers: c.req.header() }, { socket: c.env.incoming.socket });
}

describeBehaviors('Hono 4', async ({ runtime, hooks, handle }) => {
  const app = new Hono();
  app.post('/', wasmHooks(runtime, forHono(hooks)), async (c) => {
    const input = await c.req.json();
    const handled = handle(input);
    return 'sent' in handled ? c.body(handled.sent) : c.json(handled.json as object, (handled.status ?? 200) as 200);
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
});
