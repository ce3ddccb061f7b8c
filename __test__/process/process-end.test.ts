// How a process and a worker thread end, with and without calls in progress.

import { pluginFile, removePluginFiles, runScript } from '../support/child';

/** A process that ends within it did not wait for the deadline of a call, half a minute away. */
const PROMPTLY_MS = 5_000;

jest.setTimeout(60_000);

let endless: string;
let report: string;

beforeAll(async () => {
  endless = JSON.stringify(await pluginFile('endless_hook'));
  report = JSON.stringify(await pluginFile('report_context'));
});

afterAll(removePluginFiles);

/** A script with a runtime and a plugin, `plugin`. It is the same for a process and for a worker thread. */
const withPlugin = (plugin: string, config: string, body: string) => `
  const { WasmRuntime } = require('hookcell');
  const { parentPort, threadId } = require('node:worker_threads');
  const plugin = ${plugin};
  (async () => {
    const runtime = new WasmRuntime({ logger: false, ${config} });
    await runtime.loadPlugin(plugin);
    ${body}
  })();`;

/** A script with calls in progress that end by themselves after this many milliseconds. */
const withCalls = (count: number, timeoutMs: number, body: string) =>
  withPlugin(
    endless,
    `maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: ${timeoutMs}, queueTimeoutMs: 3_600_000`,
    `for (let call = 0; call < ${count}; call += 1) void runtime.callHook(plugin, 'before_hook', { input: {} });
    // Long enough for the first calls to reach their plugin.
    await new Promise((resolve) => setTimeout(resolve, 100));
    ${body}`,
  );

/** A script that starts this many worker threads with another script, and continues with them as `workers`. */
const withWorkers = (count: number, script: string, body: string) => `
  const { Worker } = require('node:worker_threads');
  const script = ${JSON.stringify(script)};
  const workers = Array.from({ length: ${count} }, () => new Worker(script, { eval: true }));
  ${body}`;

describe('with calls in progress, a process ends promptly', () => {
  test.each([
    ['one that runs', 1],
    ['some that run and many that wait', 1_000],
  ])('by process.exit(), with its exit code: %s', async (_, calls) => {
    const ended = await runScript(withCalls(calls, 30_000, "console.log('exit'); process.exit(7);"));

    expect(ended).toMatchObject({ code: 7, signal: null, stdout: 'exit\n', stderr: '' });
    expect(ended.msAfterLastLine).toBeLessThan(PROMPTLY_MS);
  });

  test('on an uncaught error', async () => {
    const body = "setTimeout(() => { console.log('throw'); throw new Error('nobody catches it'); });";
    const ended = await runScript(withCalls(4, 30_000, body));

    expect(ended).toMatchObject({ code: 1, signal: null, stdout: 'throw\n' });
    expect(ended.stderr).toContain('nobody catches it');
    expect(ended.msAfterLastLine).toBeLessThan(PROMPTLY_MS);
  });

  test('with calls of several runtimes', async () => {
    const ended = await runScript(
      withCalls(
        1,
        30_000,
        `const other = new WasmRuntime({ logger: false, maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 30_000 });
        await other.loadPlugin(plugin);
        void other.callHook(plugin, 'before_hook', { input: {} });
        await new Promise((resolve) => setTimeout(resolve, 100));
        console.log('exit');
        process.exit();`,
      ),
    );

    expect(ended).toMatchObject({ code: 0, signal: null, stdout: 'exit\n', stderr: '' });
    expect(ended.msAfterLastLine).toBeLessThan(PROMPTLY_MS);
  });

  test('once its runtime is closed with `interrupt`', async () => {
    const body = "await runtime.close({ interrupt: true }); console.log('closed');";
    const keepCode = "process.on('unhandledRejection', (error) => console.log(error.code));";
    const ended = await runScript(keepCode + withCalls(2, 30_000, body));

    expect(ended).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(ended.stdout.trim().split('\n').toSorted()).toEqual(['ERR_CLOSED', 'ERR_CLOSED', 'closed']);
    expect(ended.msAfterLastLine).toBeLessThan(PROMPTLY_MS);
  });
});

describe('a runtime that is never closed', () => {
  test('does not keep the process alive', async () => {
    const body = `
      const call = () => runtime.callHook(plugin, 'before_hook', { input: {} });
      await Promise.all([call(), call(), call()]);
      console.log('done');`;
    const ended = await runScript(withPlugin(report, 'concurrency: 1, queueTimeoutMs: 3_600_000', body));

    expect(ended).toMatchObject({ code: 0, signal: null, stdout: 'done\n', stderr: '' });
    expect(ended.msAfterLastLine).toBeLessThan(PROMPTLY_MS);
  });

  test.each([
    ['that made no call', ''],
    [
      'that made calls, some of which waited',
      `const calls = [1, 2, 3].map(() => runtime.callHook('nobody', 'before_hook', { input: {} }));
      await Promise.allSettled(calls);`,
    ],
  ])('is collected, and a thousand of them share one listener: one %s', async (_, makeCalls) => {
    const script = `
      const native = require('./native');
      let collected = 0;
      const registry = new FinalizationRegistry(() => (collected += 1));
      native.NativeRuntime = class extends native.NativeRuntime {
        constructor(...settings) {
          super(...settings);
          registry.register(this);
        }
      };
      const { WasmRuntime } = require('hookcell');
      const use = async () => {
        const runtime = new WasmRuntime({ concurrency: 1, queueTimeoutMs: 3_600_000 });
        ${makeCalls}
      };
      const before = process.listenerCount('exit');
      (async () => {
        for (let count = 0; count < 1_000; count += 1) await use();
        console.log(process.listenerCount('exit') - before);
        // The last ones may still be on the stack.
        for (let round = 0; round < 500 && collected < 990; round += 1) {
          gc();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        console.log(collected < 990 ? 'only ' + collected : 'collected');
      })();`;
    const ended = await runScript(script, ['--expose-gc']);

    expect(ended).toMatchObject({ code: 0, signal: null, stdout: '0\ncollected\n', stderr: '' });
  });
});

describe('a worker thread', () => {
  test('can be the only one to load the addon, and another after it', async () => {
    const callOnce = withPlugin(
      report,
      '',
      "console.log((await runtime.callHook(plugin, 'before_hook', { input: {} })).ok);",
    );
    const startAnother = `
      workers[0].on('exit', (first) => {
        new Worker(script, { eval: true }).on('exit', (second) => console.log(first, second));
      });`;
    const ended = await runScript(withWorkers(1, callOnce, startAnother));

    expect(ended).toMatchObject({ code: 0, signal: null, stdout: 'true\ntrue\n0 0\n', stderr: '' });
  });

  test('can share a plugin with others, and sees nothing of their data', async () => {
    const callOften = withPlugin(
      report,
      '',
      `const calls = Array.from({ length: 200 }, async (_, call) => {
        const result = await runtime.callHook(plugin, 'before_hook', { input: { threadId, call } });
        const { input } = result.ctx.input.seen;
        return input.threadId === threadId && input.call === call;
      });
      const own = (await Promise.all(calls)).filter(Boolean);
      await runtime.close();
      console.log(own.length);`,
    );
    const ended = await runScript(withWorkers(4, callOften, ''));

    expect(ended).toMatchObject({ code: 0, signal: null, stdout: '200\n'.repeat(4), stderr: '' });
  });

  test('ends promptly on process.exit() during a call, and the process continues', async () => {
    const exitDuringCalls = withCalls(4, 30_000, 'parentPort.postMessage(0); process.exit(3);');
    const tellHow = `
      workers[0].on('message', () => console.log('exit'));
      workers[0].on('exit', (code) => (process.exitCode = code));`;
    const ended = await runScript(withWorkers(1, exitDuringCalls, tellHow));

    expect(ended).toMatchObject({ code: 3, signal: null, stdout: 'exit\n', stderr: '' });
    expect(ended.msAfterLastLine).toBeLessThan(PROMPTLY_MS);
  });

  test('with running calls does not keep process.exit() on the main thread from ending the process', async () => {
    const stayInCalls = withCalls(4, 30_000, 'parentPort.postMessage(0);');
    const exit = `
      require('hookcell');
      let ready = 0;
      for (const worker of workers) {
        worker.on('message', () => {
          ready += 1;
          if (ready === workers.length) {
            console.log('exit');
            process.exit(5);
          }
        });
      }`;
    const ended = await runScript(withWorkers(2, stayInCalls, exit));

    expect(ended).toMatchObject({ code: 5, signal: null, stdout: 'exit\n', stderr: '' });
    expect(ended.msAfterLastLine).toBeLessThan(PROMPTLY_MS);
  });

  test.each([
    ['one that runs', 1],
    ['some that run and hundreds that wait', 500],
  ])('ends at the deadline of its calls when it is terminated, and leaves the process alone: %s', async (_, calls) => {
    const stayInCalls = withCalls(calls, 1_000, 'parentPort.postMessage(0);');
    const terminate = `
      workers[0].on('message', async () => {
        console.log('terminate');
        const start = performance.now();
        await workers[0].terminate();
        // The waiting calls would take minutes.
        console.log(performance.now() - start < ${PROMPTLY_MS});
        ${withPlugin(report, '', "console.log((await runtime.callHook(plugin, 'before_hook', { input: {} })).ok);")}
      });`;
    const ended = await runScript(withWorkers(1, stayInCalls, terminate));

    expect(ended).toMatchObject({ code: 0, signal: null, stdout: 'terminate\ntrue\ntrue\n', stderr: '' });
  });
});
