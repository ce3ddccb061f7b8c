import express from 'express';
import type { Express } from 'express';
import { problemHandler, reject, wasmHooks } from 'hookcell/express';
import type { Caller, HookCaller } from 'hookcell/express';

import { editorOf } from '../orders/editor/editor';
import type { TenantHooks } from '../orders/editor/tenant-hooks';
import { newOrder } from '../orders/order';
import type { OrderBook } from '../orders/order-book';
import { afterOf, beforeOf, isTenant, tenantOf } from '../orders/tenants';

const onlyTenants = (caller: Caller) =>
  isTenant(caller) ? undefined : reject('x-tenant names no tenant', { status: 403 });

/** The orders service on Express. */
export function createApp(runtime: HookCaller, orders: OrderBook, hooks: TenantHooks): Express {
  // A hook that the tenant wrote in the editor goes before the plugin that it had.
  const pluginOf = (caller: Caller) => hooks.pluginOf(caller.tenant_id) ?? beforeOf(caller);

  const placing = wasmHooks(runtime, {
    tenantId: tenantOf,
    before: [onlyTenants, { plugin: pluginOf }],
    after: { plugin: afterOf },
    schema: { input: newOrder },
  });
  const finding = wasmHooks(runtime, {
    tenantId: tenantOf,
    before: onlyTenants,
    after: { plugin: afterOf },
  });

  const app = express();
  app.use('/editor', editorOf(hooks));
  app.use(express.json());
  app.post('/orders', placing, async (request, response) => {
    // The body is what the tenant's plugin made of it, and its type is from the schema.
    response.status(201).json(await orders.place(tenantOf(request), request.body));
  });
  app.get('/orders/:id', finding, async (request, response) => {
    const order = await orders.find(tenantOf(request), String(request.params['id']));
    if (order === undefined) {
      response.status(404).json({ error: 'there is no such order' });
    } else {
      response.json(order);
    }
  });
  app.use(problemHandler());
  return app;
}
