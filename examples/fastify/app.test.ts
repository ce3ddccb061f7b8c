import type { FastifyInstance, InjectOptions } from 'fastify';
import { WasmRuntime } from 'hookcell';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { OrderBook } from '../orders/order-book';
import { pluginFiles } from '../orders/tenants';
import { createApp } from './app';

let orders: OrderBook;
beforeAll(async () => {
  orders = await OrderBook.open();
}, 30_000);
afterAll(() => orders.close());

const tea = { email: ' Ada@Example.com', item: 'tea', quantity: 2 };

async function send(app: FastifyInstance, tenant: string, request: InjectOptions) {
  const response = await app.inject({ ...request, headers: { 'x-tenant': tenant } });
  return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
}

const place = (app: FastifyInstance, tenant: string, payload: object = tea) =>
  send(app, tenant, { method: 'POST', url: '/orders', payload });
const find = (app: FastifyInstance, tenant: string, id: unknown) => send(app, tenant, { url: `/orders/${String(id)}` });

describe('with the plugins of the tenants', () => {
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await createApp(orders, { plugins: pluginFiles });
  });
  afterAll(() => app.close());

  test('an order is placed and found as the plugin of its tenant leaves it', async () => {
    const order = { id: expect.any(Number), ...tea, email: 'ada@example.com', email_domain: 'example.com' };

    const placed = await place(app, 'acme');
    expect(placed).toEqual({ status: 201, body: order });
    expect(await find(app, 'acme', placed.body['id'])).toEqual({ status: 200, body: order });
  });

  test('a tenant has its own plugin and no other', async () => {
    expect(await place(app, 'globex')).toEqual({ status: 201, body: { id: expect.any(Number), ...tea } });
    expect(await place(app, 'globex', { ...tea, quantity: 11 })).toMatchObject({
      status: 422,
      body: { error: 'at most 10 of an item', details: [{ field: 'quantity', message: 'must be at most 10' }] },
    });
  });

  test('a tenant has its own orders and no others', async () => {
    const { body } = await place(app, 'acme');

    expect(await find(app, 'globex', body['id'])).toMatchObject({ status: 404 });
  });

  test('who is no tenant is refused', async () => {
    expect(await place(app, 'nobody')).toMatchObject({ status: 403 });
    expect(await find(app, 'nobody', 1)).toMatchObject({ status: 403 });
  });

  test('what is no order is refused', async () => {
    expect(await place(app, 'globex', { ...tea, quantity: 'two' })).toMatchObject({ status: 400 });
  });
});

describe('with another plugin', () => {
  const [validateEmail = ''] = pluginFiles;
  const runtime = new WasmRuntime({ logger: false });
  let app: FastifyInstance;
  beforeAll(async () => {
    app = await createApp(orders, { runtime });
  });
  afterAll(async () => {
    await app.close();
    await runtime.close();
  });

  test('its reason reaches the client', async () => {
    await runtime.loadPluginBytes(validateEmail, pluginAnswering({ ok: false, error: 'closed on Sundays' }));

    expect(await place(app, 'acme')).toMatchObject({ status: 422, body: { error: 'closed on Sundays' } });
  });

  test('one that fails lets no order through', async () => {
    await runtime.loadPluginBytes(validateEmail, pluginFailing());
    const placing = jest.spyOn(orders, 'place');

    expect(await place(app, 'acme')).toMatchObject({ status: 500 });
    expect(placing).not.toHaveBeenCalled();
  });
});
