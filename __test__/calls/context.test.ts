// What a plugin gets, and what it returns.

import { WasmRuntime } from 'hookcell';
import type { HookContext, JsonObject } from 'hookcell';

import { refusal } from '../support/refusal';
import { answering, fixture } from '../support/wat';

let runtime: WasmRuntime;

beforeEach(async () => {
  runtime = new WasmRuntime({ logger: false });
  await runtime.loadPluginBytes('report', await fixture('report_context'));
  await runtime.loadPluginBytes('pass-through', await fixture('pass_through'));
});

afterEach(() => runtime.close());

/** The context as the plugin saw it. */
async function seen(context: HookContext<object>): Promise<unknown> {
  const result = await runtime.callHook<object>('report', 'before_hook', context);
  if (!result.ok) {
    throw new Error(result.error);
  }
  return (result.ctx.input as JsonObject)['seen'];
}

describe('the plugin sees', () => {
  test('everything in its context', async () => {
    const context = {
      input: { name: 'Zoë "the" \u2028 🦀', nested: [{ a: null }], lone: '\uD800' },
      data: [1, 2, { three: 3 }],
      user: { id: '42', role: 'editor' },
      headers: { 'accept-language': 'de' },
      tenant_id: 'acme',
    };

    expect(await seen(context)).toEqual(context);
  });

  test('every key in order, even if the context has only an input', async () => {
    const all = { input: {}, data: null, user: null, headers: {}, tenant_id: null };

    expect(JSON.stringify(await seen({ input: {} }))).toBe(JSON.stringify(all));
    expect(await seen({ input: {}, data: undefined, user: undefined, headers: undefined })).toEqual(all);
    expect(await seen({ input: {}, data: null, user: null, headers: null, tenant_id: null })).toEqual(all);
  });

  test.each([false, 0, '', [], {}, 'text'])('the data %j', async (data) => {
    expect(await seen({ input: {}, data })).toMatchObject({ data });
  });

  test('only the id and the role of the user', async () => {
    const user = { id: '42', role: 'editor', passwordHash: '$2b$10$…' };

    expect(await seen({ input: {}, user })).toMatchObject({ user: { id: '42', role: 'editor' } });
    expect(JSON.stringify(await seen({ input: {}, user }))).not.toContain('passwordHash');
  });

  test("the result of an object's toJSON", async () => {
    const input = { toJSON: () => ({ id: 7 }), secret: 'x' };

    expect(await seen({ input, data: new Date(0) })).toMatchObject({
      input: { id: 7 },
      data: '1970-01-01T00:00:00.000Z',
    });
  });

  test('all of a large context', async () => {
    const input = { text: 'é'.repeat(250_000) };

    expect(await seen({ input })).toMatchObject({ input });
  });

  test('the context as it was at the call, even if it changes later', async () => {
    const context = { input: { email: 'a@example.com' } as JsonObject, tenant_id: 'acme' };

    const result = runtime.callHook('pass-through', 'before_hook', context);
    context.tenant_id = 'other';
    context.input = {};

    expect(await result).toMatchObject({ ctx: { input: { email: 'a@example.com' }, tenant_id: 'acme' } });
  });
});

describe('what comes back', () => {
  const context = {
    input: { email: 'ada@example.com' },
    data: { id: 7 },
    user: { id: '42', role: 'editor' },
    headers: { 'user-agent': 'test' },
    tenant_id: 'acme',
  };

  test("has the caller's own objects if nothing changed", async () => {
    const result = await runtime.callHook('pass-through', 'before_hook', context);

    expect(result.ok).toBe(true);
    expect(result.ok && result.ctx.input).toBe(context.input);
    expect(result.ok && result.ctx.data).toBe(context.data);
    expect(result.ok && result.ctx.user).toBe(context.user);
    expect(result.ok && result.ctx.headers).toBe(context.headers);
  });

  test('has a new input if the plugin sent one, equal or not', async () => {
    await runtime.loadPluginBytes('same', await answering(JSON.stringify({ ok: true, ctx: { input: context.input } })));

    const result = await runtime.callHook('same', 'before_hook', context);

    expect(result.ok && result.ctx.input).toEqual(context.input);
    expect(result.ok && result.ctx.input).not.toBe(context.input);
    expect(result.ok && result.ctx.data).toBe(context.data);
  });

  test('never has another user, headers or tenant than the caller gave', async () => {
    const ctx = {
      input: { a: 1 },
      data: 2,
      user: { id: 'root', role: 'admin' },
      headers: { cookie: 'stolen' },
      tenant_id: 'other',
    };
    await runtime.loadPluginBytes('thief', await answering(JSON.stringify({ ok: true, ctx })));

    const result = await runtime.callHook<object, unknown>('thief', 'before_hook', context);

    expect(result).toMatchObject({ ok: true, ctx: { ...context, input: { a: 1 }, data: 2 } });
  });

  test("leaves the caller's object unchanged", async () => {
    const frozen = Object.freeze({ input: Object.freeze({ a: 1 }), data: null });
    await runtime.loadPluginBytes('change', await answering('{"ok":true,"ctx":{"input":{"b":2},"data":3}}'));

    const result = await runtime.callHook<object>('change', 'before_hook', frozen);

    expect(result).toMatchObject({ ok: true, ctx: { input: { b: 2 }, data: 3 } });
    expect(frozen).toEqual({ input: { a: 1 }, data: null });
  });

  test('can be passed to the next call as it is', async () => {
    const first = await runtime.callHook('pass-through', 'before_hook', context);
    if (!first.ok) {
      throw new Error(first.error);
    }

    expect(await runtime.callHook('pass-through', 'after_hook', first.ctx)).toMatchObject({ ok: true, ctx: context });
  });
});

/** An object whose member has the next value on each read, and then keeps the last one. */
function changing(name: string, values: unknown[], others: object = {}): never {
  const get = () => (values.length > 1 ? values.shift() : values[0]);
  return Object.defineProperty({ ...others }, name, { get, enumerable: true }) as never;
}

test.each<[string, Partial<HookContext>]>([
  ['the id of a user', { user: changing('id', ['1', '1\ud800'], { role: '' }) }],
  ['the role of a user', { user: changing('role', ['a', { toJSON: () => 'admin' }], { id: '1' }) }],
  ['a header', { headers: changing('accept', ['text/html', 7]) }],
])('%s that changes when it is read is checked as it is written', async (_, parts) => {
  await expect(runtime.callHook('report', 'before_hook', { input: {}, ...parts })).rejects.toMatchObject({
    code: 'ERR_CONTEXT',
  });
});

test('headers are written name by name, whatever JSON their object would have', async () => {
  const headers = Object.defineProperty({ accept: 'text/html' }, 'toJSON', { value: () => 7 });

  expect(await seen({ input: {}, headers })).toMatchObject({ headers: { accept: 'text/html' } });
});

test('headers in a Headers or a Map are refused, whose JSON has none of them', async () => {
  for (const headers of [new Headers({ accept: 'text/html' }), new Map([['accept', 'text/html']])]) {
    await expect(seen({ input: {}, headers: headers as never })).rejects.toThrow(/Object\.fromEntries/);
  }
});

describe('a context is refused', () => {
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;

  test.each<[string, unknown, string]>([
    ['null', null, 'it must be an object, got null'],
    ['a string', '{}', 'it must be an object, got a string'],
    ['an array', [], 'it must be an object, got an array'],
    ['without an input', {}, 'input must be an object, got undefined'],
    ['with a null input', { input: null }, 'input must be an object, got null'],
    ['with an array for input', { input: [] }, 'input must be an object, got an array'],
    ['with a scalar input', { input: 'text' }, 'input must be an object, got a string'],
    ['with an input that becomes a scalar', { input: new Date(0) }, 'toJSON() returns something else'],
    [
      'with an input that becomes nothing',
      { input: { toJSON: () => undefined } },
      'JSON.stringify returns undefined for it',
    ],
    ['with an unknown key', { input: {}, session: {} }, "unknown key 'session'; the keys are input, data, user"],
    ['with tenantId', { input: {}, tenantId: 'a' }, "unknown key 'tenantId'; the key is 'tenant_id'"],
    ['with Headers', { input: {}, Headers: {} }, "unknown key 'Headers'; the key is 'headers'"],
    ['with a user by name', { input: {}, user: 'ada' }, 'user must be an object or null, got a string'],
    ['with a numeric user id', { input: {}, user: { id: 7, role: 'x' } }, 'user.id must be a string, got a number'],
    ['without a role', { input: {}, user: { id: '7' } }, 'user.role must be a string, got undefined'],
    ['with headers in an array', { input: {}, headers: [] }, 'headers must be an object, got an array'],
    ['with a header twice', { input: {}, headers: { a: ['1', '2'] } }, 'the header "a" must be a string, got an array'],
    ['with a numeric tenant', { input: {}, tenant_id: 7 }, 'tenant_id must be a string or null, got a number'],
    [
      'with a long tenant',
      { input: {}, tenant_id: 't'.repeat(257) },
      'tenant_id must have at most 256 characters, got 257',
    ],
    ['with a function for data', { input: {}, data: () => 1 }, 'data cannot be written as JSON'],
    ['with a symbol for data', { input: {}, data: Symbol('x') }, 'data cannot be written as JSON'],
    ['with a BigInt', { input: { n: 1n } }, 'input cannot be written as JSON: Do not know how to serialize a BigInt'],
    ['with a circle', { input: {}, data: circular }, 'data cannot be written as JSON: Converting circular structure'],
  ])('%s', async (_, context, problem) => {
    const call = runtime.callHook('pass-through', 'before_hook', context as HookContext);

    expect((await refusal(call, 'ERR_CONTEXT')).message).toContain(`the context is not valid: `);
    await expect(call).rejects.toThrow(problem);
  });

  test('with the error of JSON.stringify as the cause', async () => {
    const call = runtime.callHook('pass-through', 'before_hook', { input: circular });

    expect((await refusal(call, 'ERR_CONTEXT')).cause).toBeInstanceOf(TypeError);
  });

  test.each([
    ['a key __proto__', '{"items":[1,{"__proto__":{"admin":true}}]}', 'ctx.input.items[1]', 'has a key "__proto__"'],
    ['an escaped one', '{"a":{"\\u005f_proto__":1}}', 'ctx.input.a', 'has a key "__proto__"'],
    [
      'nesting more than 128 deep',
      `{"a":${'['.repeat(128)}${']'.repeat(128)}}`,
      `ctx.input.a${'[0]'.repeat(63)}…`,
      'is nested more than 128 levels deep',
    ],
  ])('if it contains a key `__proto__` or nests too deeply: %s', async (_, body, path, what) => {
    const input = JSON.parse(body) as JsonObject;
    const error = await refusal(runtime.callHook('pass-through', 'before_hook', { input }), 'ERR_CONTEXT');

    expect(error.path).toBe(path);
    expect(error.message).toBe(`the context is not valid: ${path} ${what}`);
  });

  test('if data nests one level deeper than a result may', async () => {
    const data = (depth: number) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown;
    const call = (depth: number) => runtime.callHook('pass-through', 'after_hook', { input: {}, data: data(depth) });

    expect(await call(128)).toMatchObject({ ok: true });
    expect((await refusal(call(129), 'ERR_CONTEXT')).path).toMatch(/^ctx\.data\[0\]/);
  });

  test('before the plugin is looked up', async () => {
    await refusal(runtime.callHook('nobody', 'before_hook', { input: circular }), 'ERR_CONTEXT');
  });
});

test.each([undefined, null, 7])('a hook named %p is a TypeError', async (hook) => {
  const call = runtime.callHook('pass-through', hook as unknown as string, { input: {} });

  await expect(call).rejects.toThrow(/^the hook must be a string, got /);
  await expect(call).rejects.toThrow(TypeError);
});
