import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { hookcell, reject } from 'hookcell/fastify';
import type { Caller, HookcellOptions } from 'hookcell/fastify';
import { z } from 'zod';

import { newOrder } from '../orders/order';
import type { NewOrder } from '../orders/order';
import type { OrderBook } from '../orders/order-book';
import { afterOf, beforeOf, isTenant, tenantOf } from '../orders/tenants';

const onlyTenants = (caller: Caller) =>
  isTenant(caller) ? undefined : reject('x-tenant names no tenant', { status: 403 });

/**
 * The orders service on Fastify.
 *
 * @param options - the runtime, or its settings
 */
export async function createApp(orders: OrderBook, options: HookcellOptions): Promise<FastifyInstance> {
  const app = Fastify();
  // Before the routes, so that it sees them.
  await app.register(hookcell, { ...options, tenantId: tenantOf, before: onlyTenants, after: { plugin: afterOf } });

  app.post<{ Body: NewOrder }>(
    '/orders',
    {
      // Validates what the tenant's plugin made of the body.
      schema: { body: z.toJSONSchema(newOrder, { target: 'draft-7' }) },
      config: { hooks: { before: [onlyTenants, { plugin: beforeOf }] } },
    },
    async (request, reply) => await reply.code(201).send(await orders.place(tenantOf(request), request.body)),
  );
  app.get<{ Params: { id: string } }>('/orders/:id', async (request, reply) => {
    const order = await orders.find(tenantOf(request), request.params.id);
    return order ?? (await reply.code(404).send({ error: 'there is no such order' }));
  });
  return app;
}
