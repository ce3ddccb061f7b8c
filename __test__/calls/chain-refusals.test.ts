// What `callChain` refuses before any of its plugins runs.

import { WasmRuntime } from 'hookcell';
import type { CallOptions, ChainedPlugin, ChainResult, HookContext, JsonObject } from 'hookcell';

import { refusal } from '../support/refusal';
import { fixture, plugin } from '../support/wat';

const endlessFuel = { maxFuel: Number.MAX_SAFE_INTEGER };
const context: HookContext = { input: { email: 'ada@example.com' }, tenant_id: 'acme' };

let runtime: WasmRuntime;

beforeEach(async () => {
  runtime = new WasmRuntime({ timeoutMs: 60_000, concurrency: 1, logger: false });
  for (const name of ['endless_hook', 'modifier', 'pass_through']) {
    await runtime.loadPluginBytes(name, await fixture(name));
  }
});

afterEach(() => runtime.close({ interrupt: true }));

const chain = (plugins: readonly ChainedPlugin[], options?: CallOptions): Promise<ChainResult> =>
  runtime.callChain<JsonObject>(plugins, 'before_hook', context, options);

const stepsOf = ({ steps }: ChainResult) => steps.map((step) => [step.plugin, step.ok]);

describe('a chain is refused', () => {
  const forever = { plugin: 'endless_hook', ...endlessFuel };

  test('before anything runs, if a plugin is not loaded or lacks the hook', async () => {
    await runtime.loadPluginBytes('one hook', await plugin({}));

    await refusal(chain([forever, 'not there']), 'ERR_NOT_LOADED');
    await refusal(runtime.callChain([forever, 'one hook'], 'after_hook', context), 'ERR_NO_HOOK');
  });

  test.each([
    ['plugins that are no array', 'modifier', TypeError, 'the plugins must be an array'],
    ['a plugin that is a number', ['modifier', 7], TypeError, 'a plugin must be a path'],
    ['an object without a plugin', [{ timeoutMs: 5 }], TypeError, 'a plugin must be a path'],
    ['a plugin without a name', [{ plugin: '' }], TypeError, 'an empty string'],
    ['an option that no chained plugin has', [{ plugin: 'modifier', signal: 1 }], TypeError, "unknown option 'signal'"],
    ['a limit out of bounds', [{ plugin: 'modifier', timeoutMs: 0 }], RangeError, 'timeoutMs'],
    ['more than 64 plugins', Array.from({ length: 65 }, () => 'modifier'), RangeError, 'at most 64 plugins, got 65'],
  ])('with %s', async (_, plugins, type, message) => {
    const promise = chain(plugins as ChainedPlugin[]);

    await expect(promise).rejects.toThrow(type);
    await expect(promise).rejects.toThrow(message);
  });

  test('if the hook is not a name or the context has the wrong shape', async () => {
    await expect(runtime.callChain([], 7 as unknown as string, context)).rejects.toThrow(TypeError);
    await refusal(runtime.callChain([], 'before_hook', { input: 7 } as unknown as HookContext), 'ERR_CONTEXT');
  });

  test('when the runtime is closed', async () => {
    await runtime.close();

    await refusal(chain(['modifier']), 'ERR_CLOSED');
    await refusal(chain([]), 'ERR_CLOSED');
  });

  test('but not for 64 plugins', async () => {
    expect(stepsOf(await chain(Array.from({ length: 64 }, () => 'pass_through')))).toHaveLength(64);
  });
});

test('a hole in a chain is a TypeError that names its index', async () => {
  // oxlint-disable-next-line no-sparse-arrays -- The test is about it.
  const sparse = ['pass_through', , 'modifier'] as string[];

  await expect(chain(sparse)).rejects.toThrow(TypeError);
  await expect(chain(sparse)).rejects.toThrow(
    /^plugins\[1\]: a plugin must be a path, a name or a file: URL, got undefined$/,
  );
  const holes: string[] = [];
  holes.length = 2;
  await expect(chain(holes)).rejects.toThrow(/^plugins\[0\]: a plugin must be/);
  await expect(chain(['pass_through', { plugin: 't-\ud800' }])).rejects.toThrow(
    /^plugins\[1\]: a plugin must be well-formed/,
  );
});

test('a chain is as long as it was when its length was checked', async () => {
  const lengths = [1, 100_000];
  const growing = new Proxy(['pass_through'], {
    get: (plugins, key) => (key === 'length' ? (lengths.shift() ?? 100_000) : Reflect.get(plugins, key)),
  });
  const iterable = Object.assign(['pass_through'], {
    *[Symbol.iterator]() {
      yield* ['modifier', 'modifier'];
    },
  });

  expect((await chain(growing)).steps).toMatchObject([{ plugin: 'pass_through' }]);
  expect((await chain(iterable)).steps).toMatchObject([{ plugin: 'pass_through' }]);
});
