import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { WasmRuntime } from 'hookcell';

import { editorOf } from './editor';
import { openHooks } from './open-hooks';
import type { TenantHooks } from './tenant-hooks';

const runtime = new WasmRuntime({ logger: false });
let hooks: TenantHooks;
let server: Server;

beforeAll(async () => {
  hooks = await openHooks(runtime);
  server = createServer(editorOf(hooks)).listen(0);
  await once(server, 'listening');
}, 120_000);

afterAll(async () => {
  server.close();
  await runtime.close();
});

const get = (path: string) => fetch(`http://localhost:${(server.address() as AddressInfo).port}${path}`);

async function send(method: string, path: string, tenant: string, body?: unknown) {
  const response = await fetch(`http://localhost:${(server.address() as AddressInfo).port}${path}`, {
    method,
    headers: { 'x-tenant': tenant },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const source = 'export const before_hook = ({ input }: any) => { input.item += "!"; };';
const wrong = 'export const before_hook = () => {};\nlet a: = 1;';
const tea = { input: { item: 'tea' } };
const run = () => runtime.callHook(hooks.pluginOf('initech')!, 'before_hook', tea);

test('the page and its files are sent, and run no script of another server', async () => {
  for (const [path, type] of [
    ['/', 'text/html; charset=utf-8'],
    ['/editor.css', 'text/css'],
    ['/editor.js', 'text/javascript'],
  ] as const) {
    const { status, headers } = await get(path);
    expect([status, headers.get('content-type')]).toEqual([200, type]);
    expect(headers.get('content-security-policy')).toBe("default-src 'self'");
  }
});

test('a tenant begins with its hook in TypeScript, or with one to start from', async () => {
  expect((await send('GET', '/hook', 'initech')).body['source']).toContain('const minimum = 5');
  expect((await send('GET', '/hook', 'acme')).body['source']).toContain('at most 100 of an item');
});

test('a tenant tries a source on a context, and keeps nothing', async () => {
  expect(await send('POST', '/trials', 'initech', { source, context: tea })).toMatchObject({
    status: 200,
    body: { result: { ok: true, ctx: { input: { item: 'tea!' } } } },
  });
  expect(hooks.sourceOf('initech')).toContain('const minimum = 5');
  expect(JSON.stringify(await run())).not.toContain('tea!');
  expect(runtime.plugins().filter(({ key }) => key.startsWith('trial'))).toEqual([]);
});

test('a tenant saves a source, which the next call runs', async () => {
  expect(await send('PUT', '/hook', 'initech', { source })).toEqual({ status: 200, body: {} });

  expect(await run()).toMatchObject({ ok: true, ctx: { input: { item: 'tea!' } } });
  expect(await send('GET', '/hook', 'initech')).toEqual({ status: 200, body: { source } });
});

test('a tenant learns the location of a mistake, and its hook stays', async () => {
  await send('PUT', '/hook', 'initech', { source });

  expect(await send('PUT', '/hook', 'initech', { source: wrong })).toMatchObject({
    status: 422,
    body: { problem: { code: 'ERR_SYNTAX', line: 2, column: 8 } },
  });
  expect(await run()).toMatchObject({ ok: true, ctx: { input: { item: 'tea!' } } });
});

test('who is no tenant, and what is no request of the page, is refused', async () => {
  expect(await send('PUT', '/hook', 'nobody', { source })).toMatchObject({ status: 403 });
  expect(await send('PUT', '/hook', 'acme', { source: 1 })).toMatchObject({ status: 400 });
  expect(await send('PUT', '/hook', 'acme', '{')).toMatchObject({ status: 400 });
  expect(await send('PUT', '/hook', 'acme', { source: 'x'.repeat(300_000) })).toMatchObject({ status: 400 });
  expect(await send('GET', '/hooks', 'acme')).toMatchObject({ status: 404 });
});
