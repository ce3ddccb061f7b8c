// Options are checked when the adapter is made, and results of resolvers at each request.

import type { Request } from 'express';
import express from 'express';
import { WasmRuntime } from 'hookcell';
import type { HookUser } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import type { WasmHooksOptions } from 'hookcell/express';
import { pluginAnswering } from 'hookcell/testing';

import { answerBody, closeServers, post, serve } from '../../support/express';
import { fixture } from '../../support/wat';

const runtime = new WasmRuntime({ logger: false });

beforeAll(async () => {
  await runtime.loadPluginBytes('yes', pluginAnswering({ ok: true }));
  await runtime.loadPluginBytes('report', await fixture('report_context'));
});

afterEach(closeServers);
afterAll(() => runtime.close());

describe('an option is checked when the middleware is made:', () => {
  test.each<[string, unknown, RegExp]>([
    ['none at all', undefined, /^wasmHooks must be an object, got undefined/],
    ['neither before nor after', {}, /^wasmHooks takes before, after, or both, got neither/],
    ['an unknown one', { before: 'a', afterwards: 'b' }, /unknown option 'afterwards'; the options are before, after/],
    ['no plugin', { before: '' }, /empty string/],
    ['a plugin by number', { before: 7 }, /^before must be a plugin, a function, or an object with a plugin, got a nu/],
    ['a wrong step of several', { before: ['a', null] }, /^before\[1\] must be a plugin, .* got null/],
    ['a step without a plugin', { after: {} }, /^a plugin must be a path, a name or a file: URL, got undefined/],
    ['an unknown part of a step', { after: { plugin: 'a', hooks: 'b' } }, /^after: unknown option 'hooks'/],
    ['a hook by number', { before: { plugin: 'a', hook: 7 } }, /^before.hook must be a string, got a number/],
    ['a limit out of bounds', { before: { plugin: 'a', timeoutMs: 0 } }, /^timeoutMs must be a whole number from 1/],
    [
      'inline fuel out of bounds',
      { before: 'a', inlineFuel: 100_001 },
      /^inlineFuel must be a whole number from 0 to 10/,
    ],
    [
      'inline fuel as text',
      { before: 'a', inlineFuel: '5' },
      /^inlineFuel must be a whole number .*, got the string "5"/,
    ],
    ['a policy that is none', { before: 'a', onFault: 'ajar' }, /^onFault must be 'closed', 'open' or a func.*"ajar"/],
    ['a policy of a step', { before: [{ plugin: 'a', onReject: true }] }, /^before\[0\].onReject must be .*a boolean/],
    ['a user without a role', { before: 'a', user: { id: '7' } }, /^user\.role must be a string, got undefined/],
    ['a user by name', { before: 'a', user: 'ada' }, /^user must be an object or null, got a string/],
    [
      'a schema asked at another time',
      { before: 'a', schemaAt: 'never' },
      /^schemaAt must be 'start', 'end' or 'both', got "n/,
    ],
    ['a tenant by number', { before: 'a', tenantId: 7 }, /^tenantId must be a string or null, got a number/],
    [
      'a long tenant',
      { before: 'a', tenantId: 't'.repeat(257) },
      /^tenantId must have at most 256 characters, got 257/,
    ],
    ['headers by one name', { before: 'a', headers: 'cookie' }, /^headers must be an array of names or a function/],
    ['headers by number', { before: 'a', headers: [7] }, /^headers must be an array of names, got one that is a numb/],
    ['one session for all', { before: 'a', session: {} }, /^session must be a function of the request, got an object/],
    ['a schema that is none', { before: 'a', schema: { input: {} } }, /^schema.input must be a Standard Schema/],
    ['a schema of nothing', { before: 'a', schema: { output: {} } }, /^schema: unknown option 'output'/],
    ['a problem that is no function', { before: 'a', problem: 500 }, /^problem must be a function, got a number/],
    [
      'a circuit breaker that is on',
      { before: 'a', circuitBreaker: true },
      /^circuitBreaker must be false or an object/,
    ],
    ['no faults', { before: 'a', circuitBreaker: { faults: 0 } }, /^circuitBreaker.faults must be a whole number from/],
    ['a logger that is none', { before: 'a', logger: {} }, /^logger must be false or an object with a method warn/],
  ])('%s', (_, options, message) => {
    expect(() => wasmHooks(runtime, options as WasmHooksOptions)).toThrow(message);
  });
});

describe('a mistake of a resolver is an error of the server:', () => {
  const wrong = (value: unknown) => () => value as never;

  test.each<[string, Partial<WasmHooksOptions<Request>>, RegExp]>([
    ['it throws', { user: wrongly }, /^no session$/],
    ['it rejects', { tenantId: () => Promise.reject(new Error('no tenant')) }, /^no tenant$/],
    [
      'a user by number',
      { user: wrong({ id: 7, role: 'a' } as unknown as HookUser) },
      /^user\.id must be a string, got a number/,
    ],
    ['a tenant by number', { tenantId: wrong(7) }, /^tenantId must be a string or null, got a number/],
    ['no session', { session: wrong(undefined) }, /^session must give an object, got undefined/],
    ['headers by name', { headers: wrong(['cookie']) }, /^headers must be an object, got an array/],
    ['a header by number', { headers: wrong({ a: 7 }) }, /^the header "a" must be a string, got a number/],
  ])('%s', async (_, options, message) => {
    const { url, errors } = await serve(express, wasmHooks(runtime, { before: 'yes', ...options }), answerBody);

    expect(await post(url, {})).toEqual({ status: 500, body: { caught: true } });
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringMatching(message) })]);
  });
});

test('a value is copied for each request', async () => {
  const input = { times: 0 };
  const count = (context: { input: { times?: number } }) => {
    context.input.times = (context.input.times ?? 0) + 1;
  };
  const { url } = await serve(express, wasmHooks(runtime, { before: count, input }), answerBody);

  await post(url, {});
  expect(await post(url, {})).toEqual({ status: 200, body: { body: { times: 1 } } });
  expect(input).toEqual({ times: 0 });
});

test('a function may return the headers', async () => {
  const headers = async (request: Request) => ({ host: request.hostname });
  const { url } = await serve(express, wasmHooks(runtime, { before: 'report', headers }), answerBody);

  expect((await post(url, {})).body).toMatchObject({ body: { seen: { headers: { host: '127.0.0.1' } } } });
});

function wrongly(): never {
  throw new Error('no session');
}
