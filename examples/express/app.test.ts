import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { WasmRuntime } from 'hookcell';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { openHooks } from '../orders/editor/open-hooks';
import { OrderBook } from '../orders/order-book';
import { pluginFiles } from '../orders/tenants';
import { createApp } from './app';

const runtime = new WasmRuntime({ logger: false });
let orders: OrderBook;
let server: Server;

beforeAll(async () => {
  await Promise.all(pluginFiles.map((file) => runtime.loadPlugin(file)));
  orders = await OrderBook.open();
  server = createApp(runtime, orders, await openHooks(runtime)).listen(0);
  await once(server, 'listening');
}, 120_000);

afterAll(async () => {
  server.close();
  await Promise.all([runtime.close(), orders.close()]);
});

async function send(method: string, path: string, tenant: string, body?: object) {
  const response = await fetch(`http://localhost:${(server.address() as AddressInfo).port}${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-tenant': tenant },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const tea = { email: ' Ada@Example.com', item: 'tea', quantity: 2 };

test('an order is placed and found as the plugin of its tenant leaves it', async () => {
  const order = { id: expect.any(Number), ...tea, email: 'ada@example.com', email_domain: 'example.com' };

  const placed = await send('POST', '/orders', 'acme', tea);
  expect(placed).toEqual({ status: 201, body: order });
  expect(await send('GET', `/orders/${String(placed.body['id'])}`, 'acme')).toEqual({ status: 200, body: order });
});

test('a tenant has its own plugin and no other', async () => {
  expect(await send('POST', '/orders', 'globex', tea)).toEqual({
    status: 201,
    body: { id: expect.any(Number), ...tea },
  });
  expect(await send('POST', '/orders', 'globex', { ...tea, quantity: 11 })).toMatchObject({
    status: 422,
    body: { error: 'at most 10 of an item', details: [{ field: 'quantity', message: 'must be at most 10' }] },
  });
});

test('a tenant has its own orders and no others', async () => {
  const { body } = await send('POST', '/orders', 'acme', tea);

  expect(await send('GET', `/orders/${String(body['id'])}`, 'globex')).toMatchObject({ status: 404 });
});

test('who is no tenant is refused', async () => {
  expect(await send('POST', '/orders', 'nobody', tea)).toMatchObject({ status: 403 });
  expect(await send('GET', '/orders/1', 'nobody')).toMatchObject({ status: 403 });
});

test('what is no order is refused', async () => {
  expect(await send('POST', '/orders', 'globex', { ...tea, quantity: 'two' })).toMatchObject({
    status: 422,
    body: { error: 'the input is not valid', details: [{ path: ['quantity'] }] },
  });
});

describe('with another plugin', () => {
  const [validateEmail = ''] = pluginFiles;
  afterEach(() => runtime.unloadPlugin(validateEmail));

  test('its reason reaches the client', async () => {
    await runtime.loadPluginBytes(validateEmail, pluginAnswering({ ok: false, error: 'closed on Sundays' }));

    expect(await send('POST', '/orders', 'acme', tea)).toMatchObject({
      status: 422,
      body: { error: 'closed on Sundays' },
    });
  });

  test('one that fails lets no order through', async () => {
    await runtime.loadPluginBytes(validateEmail, pluginFailing());
    const place = jest.spyOn(orders, 'place');

    expect(await send('POST', '/orders', 'acme', tea)).toMatchObject({ status: 500 });
    expect(place).not.toHaveBeenCalled();
  });
});

test('a hook that a tenant saves in the editor runs with its next order', async () => {
  const many = { ...tea, quantity: 7 };
  const source = 'export const before_hook = ({ input }: any) => { input.item += "!"; };';

  expect(await send('POST', '/orders', 'initech', tea)).toMatchObject({ status: 422 });
  expect(await send('POST', '/orders', 'initech', many)).toMatchObject({ status: 201, body: { item: 'tea' } });
  expect(await send('PUT', '/editor/hook', 'initech', { source })).toMatchObject({ status: 200 });
  expect(await send('POST', '/orders', 'initech', many)).toMatchObject({ status: 201, body: { item: 'tea!' } });
});
