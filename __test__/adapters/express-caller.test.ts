// What the Express middleware tells a plugin of the caller, and the options that it takes.

import type { Request } from 'express';
import { WasmRuntime } from 'hookcell';
import type { HookUser, JsonObject } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import type { WasmHooksOptions } from 'hookcell/express';

import { answerBody, closeServers, post, serve, versions } from './support/express';
import { fixture } from './support/wat';

let runtime: WasmRuntime;

beforeAll(async () => {
  runtime = new WasmRuntime({ logger: false });
  await runtime.loadPluginBytes('report', await fixture('report_context'));
});

afterEach(closeServers);
afterAll(() => runtime.close());

const userByNumber = () => ({ id: 7, role: 'editor' }) as unknown as HookUser;

describe.each(versions)('on %s, the plugin knows of the caller', (_, express) => {
  async function seen(
    options: WasmHooksOptions<Request>,
    headers: Record<string, string> = {},
  ): Promise<Record<string, unknown>> {
    const { url } = await serve(express, wasmHooks(runtime, { before: 'report', ...options }), answerBody);
    const { body } = await post(url, {}, headers);
    return ((body as JsonObject)['body'] as JsonObject)['seen'] as Record<string, unknown>;
  }

  test('a few headers, and nothing that would let it act as the caller', async () => {
    const { headers, user, tenant_id } = await seen(
      {},
      { authorization: 'Bearer x', cookie: 'session=1', 'accept-language': 'de', 'user-agent': 'test' },
    );

    expect(headers).toEqual({ 'accept-language': 'de', 'content-type': 'application/json', 'user-agent': 'test' });
    expect(user).toBeNull();
    expect(tenant_id).toBeNull();
  });

  test('the headers that the server names, in any case', async () => {
    const { headers } = await seen({ headers: ['X-Request-Id', 'x-missing'] }, { 'x-request-id': '5' });

    expect(headers).toEqual({ 'x-request-id': '5' });
  });

  test('the user and the tenant that the server reads off the request', async () => {
    const { user, tenant_id } = await seen(
      {
        user: (request) => ({ id: request.get('x-user') ?? '', role: 'editor' }),
        tenantId: async (request) => request.get('x-tenant'),
      },
      { 'x-user': '42', 'x-tenant': 'acme' },
    );

    expect(user).toEqual({ id: '42', role: 'editor' });
    expect(tenant_id).toBe('acme');
  });

  test.each<[string, WasmHooksOptions<Request>]>([
    [
      'user throws',
      {
        user: () => {
          throw new Error('no session');
        },
      },
    ],
    ['tenantId rejects', { tenantId: () => Promise.reject(new Error('no session')) }],
  ])('or the error handler, where %s', async (__, options) => {
    const { url, errors } = await serve(express, wasmHooks(runtime, { before: 'report', ...options }), answerBody);

    expect(await post(url, {})).toMatchObject({ status: 500, body: { caught: true } });
    expect(errors).toMatchObject([{ message: 'no session' }]);
  });

  test('or the error handler, where the user is not of the shape', async () => {
    const { url, errors } = await serve(
      express,
      wasmHooks(runtime, { before: 'report', user: userByNumber }),
      answerBody,
    );

    await post(url, {});
    expect(errors).toMatchObject([{ code: 'ERR_CONTEXT' }]);
  });
});

describe('an option of the middleware', () => {
  test.each<[string, unknown, RegExp]>([
    ['none at all', undefined, /^wasmHooks must be an object, got undefined/],
    ['neither before nor after', {}, /^wasmHooks takes before, after, or both, got neither/],
    ['an unknown one', { before: 'a', afterwards: 'b' }, /unknown option 'afterwards'; the options are before, after/],
    ['no plugin', { before: '' }, /empty string/],
    ['a plugin by number', { before: 7 }, /^before must be a plugin, or an object with one, got a number/],
    ['a target without a plugin', { after: {} }, /^a plugin must be a path, a name or a file: URL, got undefined/],
    ['an unknown part of a target', { after: { plugin: 'a', hooks: 'b' } }, /^after: unknown option 'hooks'/],
    ['a hook by number', { before: { plugin: 'a', hook: 7 } }, /^before.hook must be a string, got a number/],
    ['a limit out of bounds', { before: { plugin: 'a', options: { timeoutMs: 0 } } }, /^timeoutMs must be a whole/],
    ['a user that is no function', { before: 'a', user: {} }, /^user must be a function of the request, got an object/],
    ['a tenant that is no function', { before: 'a', tenantId: 'x' }, /^tenantId must be a function of the request/],
    ['headers by one name', { before: 'a', headers: 'cookie' }, /^headers must be an array of names, got a string/],
    [
      'headers by number',
      { before: 'a', headers: [7] },
      /^headers must be an array of names, got one that is a number/,
    ],
  ])('is checked where the middleware is made: %s', (_, options, message) => {
    expect(() => wasmHooks(runtime, options as WasmHooksOptions)).toThrow(message);
  });
});
