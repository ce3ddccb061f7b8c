// Answers with a patch (RFC 6902): what they make of the context.

import { WasmRuntime } from 'hookcell';
import type { HookContext } from 'hookcell';
import { pluginAnswering } from 'hookcell/testing';

import { changedParts, generator, object, operation, patchedTree, value } from '../support/patched-tree';
import type { Operation } from '../support/patched-tree';

let runtime: WasmRuntime;

beforeEach(() => {
  runtime = new WasmRuntime({ timeoutMs: 60_000, logger: false });
});

afterEach(() => runtime.close({ interrupt: true }));

async function answer(text: string, name = 'plugin'): Promise<void> {
  await runtime.loadPluginBytes(name, pluginAnswering(text), { isolate: false });
}

async function patch(context: HookContext, operations: readonly Operation[] | string) {
  const text = typeof operations === 'string' ? operations : JSON.stringify(operations);
  await answer(`{"ok":true,"patch":${text}}`);
  return runtime.callHook('plugin', 'before_hook', context);
}

describe('a patch', () => {
  test('changes what it says, and nothing of what the caller passed', async () => {
    const context = { input: { email: ' ADA ', items: [{ sku: 'a' }, { sku: 'b' }] }, data: { seen: false } };
    const before = structuredClone(context);

    const result = await patch(context, [
      { op: 'test', path: '/input/items/1/sku', value: 'b' },
      { op: 'replace', path: '/input/email', value: 'ada' },
      { op: 'move', from: '/input/items/0', path: '/input/items/-' },
      { op: 'copy', from: '/input/items/0/sku', path: '/data/first' },
      { op: 'remove', path: '/data/seen' },
    ]);

    expect(result).toMatchObject({
      ok: true,
      ctx: { input: { email: 'ada', items: [{ sku: 'b' }, { sku: 'a' }] }, data: { first: 'b' }, user: null },
    });
    expect(context).toEqual(before);
  });

  test('leaves a part that it does not change the object that the caller passed', async () => {
    const context = { input: { a: 1 }, data: { b: 2 } };

    const result = await patch(context, [{ op: 'add', path: '/data/c', value: 3 }]);

    expect(result.ok && result.ctx.input).toBe(context.input);
    expect(result.ok && result.ctx.data).toEqual({ b: 2, c: 3 });
  });

  test('applies in a chain to the context as the plugins before it left it', async () => {
    await answer('{"ok":true,"ctx":{"input":{"list":[1]}}}', 'full');
    await answer('{"ok":true,"patch":[{"op":"add","path":"/input/list/-","value":2}]}', 'patched');
    await answer(
      '{"ok":true,"patch":[{"op":"test","path":"/input/list","value":[1,2]},{"op":"add","path":"/data","value":7}]}',
      'last',
    );

    const result = await runtime.callChain(['full', 'patched', 'last'], 'before_hook', { input: { list: [] } });

    expect(result).toMatchObject({ ok: true, ctx: { input: { list: [1, 2] }, data: 7 } });
  });

  test.each([
    ['with ctx', '{"ok":true,"ctx":{"input":{}},"patch":[]}', 'it has both ctx and patch'],
    ['that is no array', '{"ok":true,"patch":{}}', 'patch must be an array'],
    [
      'of the user',
      '{"ok":true,"patch":[{"op":"add","path":"/user","value":{"id":"root","role":"root"}}]}',
      'a path must begin with /input or /data',
    ],
    [
      'from the headers',
      '{"ok":true,"patch":[{"op":"copy","from":"/headers/x","path":"/input/x"}]}',
      'a path must begin with /input or /data',
    ],
    [
      'with a path of __proto__',
      '{"ok":true,"patch":[{"op":"add","path":"/input/__proto__/x","value":1}]}',
      'a path must not contain "__proto__"',
    ],
    [
      'with a value of __proto__',
      '{"ok":true,"patch":[{"op":"add","path":"/input/x","value":{"__proto__":1}}]}',
      'a key "__proto__" in patch[0].value',
    ],
    [
      'whose test fails',
      '{"ok":true,"patch":[{"op":"test","path":"/input/a","value":2}]}',
      'patch[0]: the value is another one (test /input/a)',
    ],
    [
      'that leads nowhere',
      '{"ok":true,"patch":[{"op":"remove","path":"/input/b"}]}',
      'patch[0]: there is no such value (remove /input/b)',
    ],
  ])('%s is a fault', async (_, text, problem) => {
    await answer(text);

    const result = await runtime.callHook('plugin', 'before_hook', { input: { a: 1 } });

    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_RESULT' } });
    expect(result.error).toContain(problem);
  });

  test('is ignored in a rejection, as ctx is', async () => {
    await answer('{"ok":false,"error":"no","patch":[{"op":"remove","path":"/nothing"}]}');

    expect(await runtime.callHook('plugin', 'before_hook', { input: {} })).toMatchObject({ ok: false, error: 'no' });
  });

  test('has at most as many operations as `maxPatchOperations`', async () => {
    const text = (count: number) =>
      `{"ok":true,"patch":[${Array.from({ length: count }, () => '{"op":"test","path":"/input","value":{}}').join()}]}`;
    const load = (count: number) =>
      runtime.loadPluginBytes('plugin', pluginAnswering(text(count)), {
        isolate: false,
        maxPatchOperations: 3,
      });

    await load(3);
    expect(await runtime.callHook('plugin', 'before_hook', { input: {} })).toMatchObject({ ok: true });
    await load(4);
    const { error } = await runtime.callHook('plugin', 'before_hook', { input: {} });
    expect(error).toContain('the patch has more operations than maxPatchOperations, which is 3');
    expect(() => new WasmRuntime({ maxPatchOperations: 0 })).toThrow(
      /maxPatchOperations must be a whole number from 1 to/,
    );
  });

  test('cannot make the result longer or costlier than another result may be', async () => {
    const copies = Array.from({ length: 900 }, (_, copy) => ({ op: 'copy', from: '/input', path: `/input/x${copy}` }));
    const bomb = await patch({ input: { text: 'x'.repeat(100_000) } }, copies);
    expect(bomb).toMatchObject({ ok: false, fault: { code: 'ERR_RESULT' } });
    expect(bomb.error).toContain('copies make the context longer than maxResultBytes allows');

    const added = await patch({ input: { text: 'x'.repeat(600_000) } }, [
      { op: 'add', path: '/data', value: 'y'.repeat(500_000) },
    ]);
    expect(added).toMatchObject({ ok: true });
    const both = await patch({ input: { text: 'x'.repeat(600_000) } }, [
      { op: 'add', path: '/input/a', value: 1 },
      { op: 'add', path: '/data', value: 'y'.repeat(500_000) },
    ]);
    expect(both.error).toMatch(/the patched context has 1100\d\d\d bytes; maxResultBytes is 1048576/);

    const wide = Array.from({ length: 20_000 }, () => ({}));
    const twice = Array.from({ length: 7 }, (_, copy) => ({
      op: 'copy',
      from: '/input/wide',
      path: `/input/x${copy}`,
    }));
    const values = await patch({ input: { wide } }, twice);
    expect(values.error).toContain('too many values for maxResultValues');
  });

  test('gives what the full answer gives, for random documents and patches', async () => {
    const random = generator(7);
    let applied = 0;
    for (let round = 0; round < 700; round += 1) {
      const input = object(random, 3);
      const data = value(random, 3);
      const operations = Array.from({ length: 1 + random(2) }, () => operation(random));
      const expected = patchedTree({ input, data }, operations);
      const result = await patch({ input, data }, operations);
      if (expected === undefined) {
        expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_RESULT' } });
        continue;
      }
      applied += 1;
      // As a plugin sees and writes it: -0 becomes 0 in the context.
      await answer(`{"ok":true,"ctx":${JSON.stringify(expected)}}`, 'full');
      const full = await runtime.callHook('full', 'before_hook', { input, data });
      expect(full.ok && result.ok).toBe(true);
      if (full.ok && result.ok) {
        const { input: changedInput, data: changedData } = changedParts(operations);
        expect(result.ctx.input).toEqual(changedInput ? full.ctx.input : input);
        expect(result.ctx.data).toEqual(changedData ? full.ctx.data : data);
      }
    }
    expect(applied).toBeGreaterThan(100);
  });
});
