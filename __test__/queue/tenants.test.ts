// How tenants share the queue: whose call is next, and how much of it one tenant can take.

import type { CallOptions, PluginResult, SandboxConfig, WasmRuntime } from 'hookcell';

import { makeRuntime, occupy } from '../support/busy';
import { refusal } from '../support/refusal';

const context = { input: {} };

let runtime: WasmRuntime;

afterEach(() => runtime.close({ interrupt: true }));

async function make(config: SandboxConfig): Promise<void> {
  runtime = await makeRuntime(config);
}

const call = (plugin: string, options?: CallOptions): Promise<PluginResult> =>
  runtime.callHook(plugin, 'before_hook', context, options);

const hold = (options?: CallOptions) => occupy(runtime, options);

const counts = () => [runtime.running, runtime.waiting];

describe('calls of tenants', () => {
  test('take turns, so that a flood does not delay the others', async () => {
    await make({ concurrency: 1 });
    const release = hold({ tenant: 'flood' });
    const ended: string[] = [];
    const quick = async (tenant: string) => {
      await call('quick', { tenant });
      ended.push(tenant);
    };
    const flood = Array.from({ length: 100 }, () => quick('flood'));
    const late = quick('late');

    release();
    await Promise.all([...flood, late]);

    expect(ended[0]).toBe('late');
  });

  test('leave a slot for others by default', async () => {
    await make({ concurrency: 3 });
    for (let count = 0; count < 4; count += 1) {
      hold({ tenant: 'a' });
    }
    expect(counts()).toEqual([2, 2]);

    expect(await call('quick', { tenant: 'b' })).toMatchObject({ ok: true });
    expect(counts()).toEqual([2, 2]);
  });

  test('leave room to wait for others by default', async () => {
    await make({ concurrency: 1, maxQueue: 8 });
    for (let count = 0; count < 3; count += 1) {
      hold({ tenant: 'a' });
    }

    const error = await refusal(call('quick', { tenant: 'a' }), 'ERR_QUEUE_FULL');

    expect(error.limit).toBe('maxQueuePerTenant');
    expect(error.message).toBe('2 calls of this tenant are already waiting (maxQueuePerTenant)');
    hold({ tenant: 'b' });
    expect(counts()).toEqual([1, 3]);
  });

  test('get the shares that the options set', async () => {
    await make({ concurrency: 4, maxQueue: 8, maxConcurrencyPerTenant: 1, maxQueuePerTenant: 0 });
    hold({ tenant: 'a' });

    await refusal(call('quick', { tenant: 'a' }), 'ERR_QUEUE_FULL');
    hold({ tenant: 'b' });

    expect(counts()).toEqual([2, 0]);
  });

  test('without a name can take everything', async () => {
    await make({ concurrency: 3, maxQueue: 4, maxConcurrencyPerTenant: 1, maxQueuePerTenant: 0 });

    for (const options of [{}, {}, {}, {}, {}, { tenant: null }, { tenant: null }]) {
      hold(options);
    }

    expect(counts()).toEqual([3, 4]);
  });
});
