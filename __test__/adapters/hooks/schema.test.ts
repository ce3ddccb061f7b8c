// Checking the input of a request and the data of a response against a Standard Schema.

import express from 'express';
import { WasmRuntime } from 'hookcell';
import { hookStats, wasmHooks } from 'hookcell/express';
import type { StandardSchema, WasmHooksOptions } from 'hookcell/express';
import { pluginAnswering } from 'hookcell/testing';
import { z } from 'zod';

import { answerBody, closeServers, post, serve } from '../../support/express';

const signup = z.object({ email: z.string().regex(/@/, 'is no address'), plan: z.string().default('free') });

let runtime: WasmRuntime;
const lines: string[] = [];

beforeEach(async () => {
  runtime = new WasmRuntime({ logger: false });
  lines.length = 0;
  await Promise.all([
    runtime.loadPluginBytes('yes', pluginAnswering({ ok: true })),
    runtime.loadPluginBytes('mends', pluginAnswering({ ok: true, ctx: { input: { email: 'a@b' } } })),
    runtime.loadPluginBytes('breaks', pluginAnswering({ ok: true, ctx: { input: { email: 7 } } })),
    runtime.loadPluginBytes('breaks-data', pluginAnswering({ ok: true, ctx: { data: { id: 'x' } } })),
    runtime.loadPluginBytes('data', pluginAnswering({ ok: true, ctx: { data: { id: 8 } } })),
    runtime.loadPluginBytes('no', pluginAnswering({ ok: false, error: 'no' })),
  ]);
});

afterEach(async () => {
  await closeServers();
  await runtime.close();
});

async function send(
  input: unknown,
  options: WasmHooksOptions<any, any, any, any, any, any>,
  answer: unknown = undefined,
) {
  const logger = { warn: (line: string) => lines.push(line) };
  const hooks = wasmHooks(runtime, { schema: { input: signup }, logger, ...options });
  const { url, errors } = await serve(express, hooks, (request, response, next) => {
    if (answer === undefined) {
      answerBody(request, response, next);
    } else {
      response.json(answer);
    }
  });
  return { ...(await post(url, input)), errors: errors as any[] };
}

const valid = { email: 'ada@example.com' };

describe('a schema of the input', () => {
  test('gives the handler what it makes of the input', async () => {
    expect(await send({ ...valid, extra: 1 }, { before: 'yes' })).toMatchObject({
      status: 200,
      body: { body: { email: 'ada@example.com', plan: 'free' } },
    });
  });

  test.each(['both', 'start', undefined] as const)(
    'rejects what does not match before any hook runs, with schemaAt %s',
    async (schemaAt) => {
      const seen: unknown[] = [];
      const before = [({ input }: { input: { email: string } }) => void seen.push(input.email.toLowerCase()), 'mends'];
      const { errors } = await send({}, { before, schemaAt });

      expect(errors).toMatchObject([{ status: 422, failure: { kind: 'rejected' } }]);
      expect(errors[0].toJSON()).toMatchObject({ error: 'the input is not valid', details: [{ path: ['email'] }] });
      expect(seen).toEqual([]);
    },
  );

  test('is checked only at the end if hooks must correct what the client sent', async () => {
    expect(await send({ email: '?' }, { before: 'mends', schemaAt: 'end' })).toMatchObject({
      status: 200,
      body: { body: { email: 'a@b', plan: 'free' } },
    });
  });

  test('rejects at the end what no hook corrected, and says why', async () => {
    const { errors } = await send({ email: 'nobody' }, { before: 'yes', schemaAt: 'end' });

    expect(errors).toMatchObject([{ status: 422 }]);
    expect(errors[0].toJSON()).toMatchObject({
      error: 'the input is not valid',
      details: [{ path: ['email'], message: 'is no address' }],
    });
  });

  test('lets hooks see what the client sent, and the handler what it makes of it', async () => {
    const seen: unknown[] = [];
    const { body } = await send(valid, { before: [({ input }) => void seen.push(input), 'yes'] });

    expect(seen).toEqual([valid]);
    expect(body).toEqual({ body: { ...valid, plan: 'free' } });
  });

  test('that is checked only at the start lets hooks see what it makes, and the handler what they leave', async () => {
    const seen: unknown[] = [];
    const before = [({ input }: { input: unknown }) => void seen.push(input), 'breaks'];
    const { status, body } = await send(valid, { before, schemaAt: 'start' });

    expect(seen).toEqual([{ ...valid, plan: 'free' }]);
    expect({ status, body }).toEqual({ status: 200, body: { body: { email: 7 } } });
  });

  test('that is checked only at the start allows no function after a plugin', () => {
    const before = ['yes', () => undefined];

    expect(() => wasmHooks(runtime, { before, schema: { input: signup }, schemaAt: 'start' })).toThrow(
      /^before\[1\] is a function that runs after a plugin, and with schemaAt 'start' nothing checks what the plugin leaves/,
    );
  });

  test('that is checked at the start must make an object for the hooks', async () => {
    const input = z.object({ email: z.string() }).transform(({ email }) => email);
    const { status, errors } = await send(valid, { before: 'yes', schema: { input }, schemaAt: 'start' });

    expect(status).toBe(500);
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/^with schemaAt 'start' the schema of the input/) },
    ]);
  });

  test('checks an input that no hook changes once', async () => {
    let asked = 0;
    const input = signup.refine(() => (asked += 1) > 0);
    await send(valid, { before: ['yes', 'yes'], schema: { input } });

    expect(asked).toBe(1);
  });

  test('lets hooks after the handler see what the handler got', async () => {
    const seen: unknown[] = [];
    await send(valid, { before: 'yes', after: ({ input }) => void seen.push(input) });

    expect(seen).toEqual([{ ...valid, plan: 'free' }]);
  });

  test('is a fault of a plugin that makes a valid input invalid', async () => {
    const { status, errors } = await send(valid, { before: 'breaks' });

    expect(status).toBe(500);
    expect(errors).toMatchObject([{ failure: { kind: 'faulted', plugin: 'breaks', fault: { code: 'ERR_RESULT' } } }]);
    expect(lines).toEqual([
      expect.stringMatching(/^hookcell: breaks before_hook failed: ERR_RESULT the input does not/),
    ]);
  });

  test('is not a fault of a plugin if the input was invalid before', async () => {
    const options = { before: 'breaks', schemaAt: 'end', circuitBreaker: { faults: 1 } } as const;
    const { errors } = await send({ email: 'nobody' }, options);

    expect(errors).toMatchObject([{ status: 422, failure: { kind: 'rejected' } }]);
    expect(hookStats(runtime).circuitsOpened).toBe(0);
  });

  test('finds the plugin at fault among several, and only that one is passed over', async () => {
    const before = ['yes', { plugin: 'breaks', onFault: 'open' }, 'yes'] as const;
    const { status, body } = await send(valid, { before, circuitBreaker: { faults: 1 } });

    expect({ status, body }).toEqual({ status: 200, body: { body: { ...valid, plan: 'free' } } });
    expect(hookStats(runtime)).toMatchObject({ passedFaults: 1, openCircuits: ['breaks'] });
  });

  test('ends the chain before the plugin after a faulting one can reject', async () => {
    const { errors } = await send(valid, { before: ['breaks', 'no'] });

    expect(errors).toMatchObject([{ failure: { kind: 'faulted', plugin: 'breaks' } }]);
  });

  test('is an error of the server if a native hook makes the input invalid', async () => {
    const { status, errors } = await send(valid, { before: [() => ({ input: {} })] });

    expect(status).toBe(500);
    expect(errors).toMatchObject([
      { message: expect.stringMatching(/^the input that before\[0\] returned does not match/) },
    ]);
  });

  test('is checked for a request without hooks before the handler', async () => {
    expect(await send({ email: 'nobody' }, { before: [] })).toMatchObject({ status: 422 });
  });

  test('may be anything that follows Standard Schema, also asynchronously', async () => {
    const upper: StandardSchema<{ a: string }, { a: string }> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value) => {
          const { a } = value as { a?: unknown };
          return typeof a === 'string'
            ? { value: { a: a.toUpperCase() } }
            : { issues: [{ message: 'no string', path: [{ key: 'a' }, 0, Symbol('s')] }] };
        },
      },
    };

    expect(await send({ a: 'x' }, { before: 'yes', schema: { input: upper } })).toMatchObject({
      body: { body: { a: 'X' } },
    });
    const { errors } = await send({ a: 1 }, { before: 'yes', schema: { input: upper } });
    expect(errors[0].toJSON().details).toEqual([{ path: ['a', 0, 'Symbol(s)'], message: 'no string' }]);
  });
});

describe('a schema of the data', () => {
  const schema = { data: z.object({ id: z.number(), kind: z.string().default('item') }) };

  test('checks what a hook changed, and makes the response', async () => {
    expect(await send({}, { after: 'data', schema }, { id: 7 })).toMatchObject({
      status: 200,
      body: { id: 8, kind: 'item' },
    });
  });

  test('does not check data that no hook changed', async () => {
    expect(await send({}, { after: 'yes', schema }, { id: 'seven' })).toMatchObject({
      status: 200,
      body: { id: 'seven' },
    });
  });

  test('is a fault of a plugin that makes valid data invalid', async () => {
    const { status, errors } = await send({}, { after: 'breaks-data', schema }, { id: 7 });

    expect(status).toBe(500);
    expect(errors).toMatchObject([{ failure: { kind: 'faulted', stage: 'after', fault: { code: 'ERR_RESULT' } } }]);
  });

  test('is an error of the server if the handler’s data was invalid before', async () => {
    const { status, errors } = await send({}, { after: 'breaks-data', schema }, { id: 'seven' });

    expect(status).toBe(500);
    expect(errors).toMatchObject([{ name: 'TypeError', message: expect.stringMatching(/^the data does not match/) }]);
  });
});
