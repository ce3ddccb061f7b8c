import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { HookcellService } from 'hookcell/nest';
import { pluginAnswering, pluginFailing } from 'hookcell/testing';

import { OrderBook } from '../orders/order-book';
import { pluginFiles } from '../orders/tenants';
import { AppModule } from './app.module';

let app: INestApplication;
let hookcell: HookcellService;

beforeAll(async () => {
  const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app = testing.createNestApplication({ logger: false });
  hookcell = app.get(HookcellService);
  await app.listen(0);
}, 30_000);

afterAll(() => app.close());

async function send(method: string, path: string, tenant: string, body?: object) {
  const response = await fetch(`${await app.getUrl()}${path}`, {
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
  afterEach(async () => {
    hookcell.unloadPlugin(validateEmail);
    await hookcell.loadPlugin(validateEmail);
  });

  test('its reason reaches the client', async () => {
    await hookcell.loadPluginBytes(validateEmail, pluginAnswering({ ok: false, error: 'closed on Sundays' }));

    expect(await send('POST', '/orders', 'acme', tea)).toMatchObject({
      status: 422,
      body: { error: 'closed on Sundays' },
    });
  });

  test('one that fails lets no order through', async () => {
    await hookcell.loadPluginBytes(validateEmail, pluginFailing());
    const place = jest.spyOn(app.get(OrderBook), 'place');

    expect(await send('POST', '/orders', 'acme', tea)).toMatchObject({ status: 500 });
    expect(place).not.toHaveBeenCalled();
  });
});
