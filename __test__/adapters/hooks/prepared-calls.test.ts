// What a route declares is parsed once; each request runs the prepared calls.

import express from 'express';
import { WasmRuntime } from 'hookcell';
import type { HookContext, PluginResult } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import type { HookCaller, HookChain, WasmHooksOptions } from 'hookcell/express';
import { pluginAnswering } from 'hookcell/testing';

import { answerBody, closeServers, post, serve } from '../../support/express';
import { fixture } from '../../support/wat';

const runtime = new WasmRuntime({ logger: false });

beforeAll(async () => {
  await runtime.loadPluginBytes('yes', pluginAnswering({ ok: true }));
  await runtime.loadPluginBytes('report', await fixture('report_context'));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await closeServers();
});
afterAll(() => runtime.close());

/** What the handler gets. */
async function bodyBehind(options: WasmHooksOptions<any, any, any, any, any>): Promise<unknown> {
  const { url } = await serve(express, wasmHooks(runtime, options), answerBody);
  const { body } = await post(url, { sent: true });
  return body;
}

test('the entries of a chain are written as JSON once, and not for each request', async () => {
  const before = ['yes', { plugin: 'yes', timeoutMs: 50 }];
  const { url } = await serve(express, wasmHooks(runtime, { before }), answerBody);
  const stringify = jest.spyOn(JSON, 'stringify');
  const entries = () => stringify.mock.calls.filter(([value]) => isEntry(value)).length;

  await post(url, {});
  const ofFirst = entries();
  await post(url, {});
  await post(url, {});

  expect(ofFirst).toBe(2);
  expect(entries()).toBe(2);
});

function isEntry(value: unknown): boolean {
  return [value].flat().some((entry) => (entry as { plugin?: unknown } | null)?.plugin === 'yes');
}

test('what a request says of its caller is read once for all hooks', async () => {
  let reads = 0;
  const user = {
    get id() {
      reads += 1;
      return '7';
    },
    role: 'editor',
  };
  await bodyBehind({ before: ['yes', 'yes', () => undefined, 'yes'], user: () => user });

  // To check it, and to write it.
  expect(reads).toBe(2);
});

test('a native hook that changes the caller in place does not change what plugins are told', async () => {
  const takeOver = ({ user, headers }: { user: { role: string } | null; headers: Record<string, string> }) => {
    user!.role = 'admin';
    headers.extra = 'x';
  };
  const options = { before: [takeOver, 'report'], user: () => ({ id: '7', role: 'reader' }), headers: [] };

  expect(await bodyBehind(options)).toMatchObject({
    body: { seen: { user: { id: '7', role: 'reader' }, headers: {} } },
  });
});

test.each<[string, unknown]>([
  ['id', { id: '\ud800', role: 'reader' }],
  ['role', { id: '7', role: '\ud800' }],
])('a user whose %s is half of a surrogate pair reaches no hook', async (name, user) => {
  const hook = jest.fn();
  const { url, errors } = await serve(express, wasmHooks(runtime, { before: hook, user: () => user as never }));

  expect((await post(url, {})).status).toBe(500);
  expect(errors).toMatchObject([{ message: expect.stringMatching(`^user.${name} must be well-formed Unicode`) }]);
  expect(hook).not.toHaveBeenCalled();
});

describe('the public methods are called', () => {
  const chains: [string, HookChain<any, any, any>, 'callHook' | 'callChain'][] = [
    ['for one plugin', 'yes', 'callHook'],
    ['for plugins that follow one another', ['yes', 'report'], 'callChain'],
  ];

  test.each(chains)('%s, if a test spies on them once the route is declared', async (_, before, method) => {
    const { url } = await serve(express, wasmHooks(runtime, { before, tenantId: 'acme' }), answerBody);
    const spy = jest.spyOn(runtime, method);

    expect((await post(url, {})).status).toBe(200);
    expect(spy).toHaveBeenCalledTimes(1);
    expect(spy.mock.calls[0]?.[3]).toMatchObject({ tenant: 'acme', signal: expect.anything() });
  });

  test.each(chains)('%s, if a test spies on the class', async (_, before, method) => {
    const spy = jest.spyOn(WasmRuntime.prototype, method);

    expect(await bodyBehind({ before })).toBeDefined();
    expect(spy).toHaveBeenCalledTimes(1);
  });

  test('of a subclass that has its own', async () => {
    const called: string[] = [];
    class Counted extends WasmRuntime {
      override async callHook<I extends object, D>(
        plugin: string | URL,
        hook: string,
        context: HookContext<I, D>,
      ): Promise<PluginResult<I, D>> {
        called.push(String(plugin));
        return await super.callHook(plugin, hook, context);
      }
    }
    await using counted = new Counted({ logger: false });
    await counted.loadPluginBytes('yes', pluginAnswering({ ok: true }));
    const { url } = await serve(express, wasmHooks(counted, { before: 'yes' }), answerBody);

    expect((await post(url, {})).status).toBe(200);
    expect(called).toEqual(['yes']);
  });

  test('of a stand-in that wraps a runtime', async () => {
    const calls: unknown[] = [];
    const wrapped: HookCaller = new Proxy(runtime, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') {
          return member;
        }
        return (...given: unknown[]) => {
          calls.push(name);
          return Reflect.apply(member, target, given) as unknown;
        };
      },
    });
    const { url } = await serve(express, wasmHooks(wrapped, { before: 'yes' }), answerBody);

    expect((await post(url, {})).status).toBe(200);
    expect(calls).toContain('callHook');
  });
});

test('a value of the server stays the same if a stand-in leaves its data alone', async () => {
  const at = new Date(0);
  const after = jest.fn();
  const standIn = { callHook: runtime.callHook.bind(runtime), callChain: runtime.callChain.bind(runtime) };
  const { url } = await serve(express, wasmHooks(standIn, { after: ['yes', after] }), (_request, response) => {
    response.json({ at });
  });

  expect((await post(url, {})).body).toEqual({ at: '1970-01-01T00:00:00.000Z' });
  expect(after.mock.calls).toMatchObject([[{ data: { at } }]]);
});
