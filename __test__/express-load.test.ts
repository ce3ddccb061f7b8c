// The Express middleware where more is asked of the plugins than they can do.

import type { Request } from 'express';
import type { CallOptions, SandboxConfig, WasmRuntime } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import type { WasmHooksOptions } from 'hookcell/express';

import { makeRuntime, occupy } from './support/busy';
import { answerBody, answerItem, closeServers, post, serve, versions } from './support/express';

const tenantId = (request: Request) => request.get('x-tenant');

describe.each(versions)('on %s, where a plugin is busy,', (_, express) => {
  let runtime: WasmRuntime;

  afterEach(() => Promise.all([closeServers(), runtime.close({ interrupt: true })]));

  /** A server whose runtime has calls under way. */
  async function serveBusy(config: SandboxConfig, underWay: CallOptions[], options: WasmHooksOptions<Request> = {}) {
    runtime = await makeRuntime({ concurrency: 1, ...config });
    for (const call of underWay) {
      occupy(runtime, call);
    }
    return serve(express, wasmHooks(runtime, { before: 'quick', tenantId, ...options }), answerBody);
  }

  test('a request past maxQueue is an error with the status 503', async () => {
    const { url, errors } = await serveBusy({ maxQueue: 0 }, [{}]);

    expect(await post(url, {})).toMatchObject({ status: 503 });
    expect(errors).toMatchObject([{ code: 'ERR_QUEUE_FULL', limit: 'maxQueue' }]);
  });

  test('a request that waits longer than queueTimeoutMs is one as well', async () => {
    const { url, errors } = await serveBusy({ queueTimeoutMs: 5 }, [{}]);

    expect(await post(url, {})).toMatchObject({ status: 503 });
    expect(errors).toMatchObject([{ code: 'ERR_QUEUE_TIMEOUT' }]);
  });

  test('a request past its tenant’s share is an error with the status 429, and others go on', async () => {
    const underWay = [{ tenant: 'a' }, { tenant: 'a' }];
    const { url, errors } = await serveBusy({ concurrency: 2, maxQueuePerTenant: 1 }, underWay);

    expect(await post(url, {}, { 'x-tenant': 'a' })).toMatchObject({ status: 429 });
    expect(errors).toMatchObject([{ code: 'ERR_QUEUE_FULL', limit: 'maxQueuePerTenant' }]);

    expect(await post(url, {}, { 'x-tenant': 'b' })).toMatchObject({ status: 200 });
  });

  test('an after hook that finds no room is an error of the server: the handler has done its work', async () => {
    runtime = await makeRuntime({ concurrency: 1, maxQueue: 0 });
    occupy(runtime);
    const { url, errors } = await serve(express, wasmHooks(runtime, { after: 'quick' }), answerItem);

    expect(await post(url, {})).toMatchObject({ status: 500 });
    expect(errors).toMatchObject([{ code: 'ERR_QUEUE_FULL' }]);
  });

  test('the tenant of a request is that of its calls, where the hook names none', async () => {
    runtime = await makeRuntime();
    const callHook = jest.spyOn(runtime, 'callHook');
    const options = { timeoutMs: 500 };
    const { url } = await serve(
      express,
      wasmHooks(runtime, { before: { plugin: 'quick', options }, after: { plugin: 'quick' }, tenantId }),
      wasmHooks(runtime, { before: { plugin: 'quick', options: { tenant: 'fixed' } }, tenantId }),
      answerItem,
    );

    await post(url, {}, { 'x-tenant': 'a' });
    await post(url, {});

    expect(callHook.mock.calls.map(([, , , given]) => given)).toEqual([
      { timeoutMs: 500, tenant: 'a' },
      { tenant: 'fixed' },
      { tenant: 'a' },
      { timeoutMs: 500 },
      { tenant: 'fixed' },
      undefined,
    ]);
  });
});
