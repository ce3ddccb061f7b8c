// How a worker wakes the event loop: by a handle of libuv, or by a function of Node-API where there is no libuv.

import { pluginFile, removePluginFiles, runScript } from '../support/child';

jest.setTimeout(120_000);

let plugin: string;

beforeAll(async () => {
  plugin = JSON.stringify(await pluginFile('pass_through'));
});

afterAll(removePluginFiles);

/** A script whose `handles` counts the handles that threads wake this event loop with. */
const script = (body: string, before = '') => `
  ${before}
  const { WasmRuntime } = require('hookcell');
  const { isMainThread, Worker, parentPort } = require('node:worker_threads');
  const handles = () => process.report.getReport().libuv.filter(({ type }) => type === 'async').length;
  const call = (runtime) => runtime.callHook(${plugin}, 'before_hook', { input: {} });
  (async () => { ${body} })();`;

test('the handles of runtimes that are collected are closed', async () => {
  const body = `
    const live = async () => {
      const runtime = new WasmRuntime();
      await runtime.loadPlugin(${plugin});
      for (let count = 0; count < 3; count += 1) await call(runtime);
      await runtime.close();
    };
    await live();
    const before = handles();
    for (let count = 0; count < 30; count += 1) await live();
    const opened = handles();
    const patience = Date.now() + 30_000;
    while (handles() > before && Date.now() < patience) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log(opened > before, handles() <= before);`;

  const ended = await runScript(script(body), ['--expose-gc']);

  expect(ended).toMatchObject({ code: 0, stdout: 'true true\n', stderr: '' });
});

test('a runtime with no call in progress does not keep the process alive, and one with calls does', async () => {
  const body = `
    const runtime = new WasmRuntime();
    await runtime.loadPlugin(${plugin});
    void call(runtime).then(({ ok }) => console.log(ok));`;

  expect(await runScript(script(body))).toMatchObject({ code: 0, stdout: 'true\n', stderr: '' });
});

test('threads that end in a stream of calls, or are terminated in it, close their handles and harm no other', async () => {
  const stream = `
    const runtimes = [new WasmRuntime(), new WasmRuntime()];
    for (const runtime of runtimes) await runtime.loadPlugin(${plugin});
    const lasts = process.argv.includes('lasts');
    const end = lasts ? Infinity : 50;
    const one = async (runtime) => { for (let count = 0; count < end; count += 1) await call(runtime); };
    setTimeout(() => parentPort.postMessage('calls'), 20);
    await Promise.all(runtimes.flatMap((runtime) => [one(runtime), one(runtime)]));`;
  const body = `
    const runtime = new WasmRuntime();
    await runtime.loadPlugin(${plugin});
    let calls = 0;
    let goes = true;
    const own = (async () => { while (goes) { await call(runtime); calls += 1; } })();
    for (let round = 0; round < 10; round += 1) {
      const workers = ['lasts', 'ends'].map((argument) =>
        new Worker(${JSON.stringify(script(stream))}, { eval: true, argv: [argument] }));
      await Promise.all(workers.map((worker, index) => new Promise((resolve, reject) => {
        worker.on('error', reject);
        worker.on('exit', resolve);
        if (index === 0) worker.on('message', () => worker.terminate());
      })));
    }
    goes = false;
    await own;
    console.log(calls > 100);`;

  expect(await runScript(script(body))).toMatchObject({ code: 0, signal: null, stdout: 'true\n', stderr: '' });
});

test('a thread and a process that end while their event loop stays awake for a reply end as they would without it', async () => {
  const exits = [
    'setImmediate(exit)',
    'setTimeout(exit, 0)',
    'process.nextTick(exit)',
    'exit()',
    'void runtimes[0].close().then(exit)',
    '{ const { port1, port2 } = new MessageChannel(); port1.onmessage = exit; port2.postMessage(1); }',
  ];
  const ends = (how: string) => `
    const exit = () => process.exit(7);
    const runtimes = [new WasmRuntime(), new WasmRuntime()];
    for (const runtime of runtimes) await runtime.loadPlugin(${plugin}, { isolate: false });
    // From a few calls in a row on, the loop stays awake.
    for (let count = 0; count < 100; count += 1) await call(runtimes[count % 2]);
    for (const runtime of runtimes) call(runtime).catch(() => {});
    ${how}`;
  const body = `
    const codes = await Promise.all(${JSON.stringify(exits.map((how) => script(ends(how))))}.map((source) =>
      new Promise((resolve) => new Worker(source, { eval: true }).on('error', resolve).on('exit', resolve))));
    console.log(String(codes));
    ${ends(exits[0] as string)}`;

  const ended = await runScript(script(body));

  expect(ended).toMatchObject({ code: 7, signal: null, stdout: `${exits.map(() => 7).join(',')}\n`, stderr: '' });
});

test('the event loop serves others while it stays awake for replies, and sleeps when there are no calls', async () => {
  const body = `
    const { createServer, connect } = require('node:net');
    const runtime = new WasmRuntime();
    await runtime.loadPlugin(${plugin});
    let ticks = 0;
    const ticking = setInterval(() => { ticks += 1; }, 1);
    const echo = createServer((socket) => socket.on('error', () => {}).pipe(socket)).listen(0);
    await new Promise((resolve) => echo.once('listening', resolve));
    const socket = connect(echo.address().port);
    let echoes = 0;
    socket.on('data', () => { echoes += 1; socket.write('x'); });
    socket.write('x');
    const end = Date.now() + 500;
    while (Date.now() < end) await call(runtime);
    clearInterval(ticking);
    socket.destroy();
    echo.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { user, system } = process.cpuUsage(before);
    console.log(ticks > 50, echoes > 50, (user + system) / 1e3 < 100);`;

  const ended = await runScript(script(body));

  expect(ended).toMatchObject({ code: 0, stdout: 'true true true\n', stderr: '' });
});

test('without libuv, calls and chains end as well', async () => {
  const asOnBun = "Object.defineProperty(process.versions, 'bun', { value: '1.0.0', enumerable: true });";
  const body = `
    const runtime = new WasmRuntime();
    await runtime.loadPlugin(${plugin}, { isolate: false });
    let accepted = 0;
    for (let count = 0; count < 500; count += 1) {
      const { ok } = await call(runtime);
      const chain = await runtime.callChain([${plugin}, ${plugin}], 'before_hook', { input: {} });
      accepted += ok && chain.ok ? 1 : 0;
    }
    console.log(accepted);`;

  expect(await runScript(script(body, asOnBun))).toMatchObject({ code: 0, stdout: '500\n', stderr: '' });
});

test.each([
  ['with libuv', ''],
  ['without it', "Object.defineProperty(process.versions, 'bun', { value: '1.0.0', enumerable: true });"],
])(
  'an error that is thrown after a call, and that no code catches, is an uncaught exception: %s',
  async (_, before) => {
    const body = `
    const runtime = new WasmRuntime();
    await runtime.loadPlugin(${plugin});
    const caught = [];
    process.on('uncaughtException', ({ message }) => caught.push(message));
    process.on('unhandledRejection', (reason) => { throw new Error('handler of ' + reason); });
    const expected = [];
    for (let count = 0; count < 10; count += 1) {
      // As many at once as do not all run inline.
      await Promise.all(Array.from({ length: 20 }, async (_, index) => {
        await call(runtime);
        if (index === 19) {
          process.nextTick(() => { throw new Error('tick ' + count); });
          void Promise.reject('rejection ' + count);
        }
      }));
      expected.push('tick ' + count, 'handler of rejection ' + count);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    console.log(JSON.stringify(caught.toSorted()) === JSON.stringify(expected.toSorted()));`;

    expect(await runScript(script(body, before))).toMatchObject({ code: 0, stdout: 'true\n', stderr: '' });
  },
);

test('an error that is thrown after a call ends the process, and a thread alone', async () => {
  const throws = `
    const runtime = new WasmRuntime();
    await runtime.loadPlugin(${plugin});
    for (;;) {
      await Promise.all(Array.from({ length: 20 }, () => call(runtime)));
      process.nextTick(() => { throw new Error('from a tick'); });
    }`;
  const body = `
    const ended = await new Promise((resolve) => {
      new Worker(${JSON.stringify(script(throws))}, { eval: true }).on('error', ({ message }) => resolve(message));
    });
    console.log(ended);
    ${throws}`;

  const ended = await runScript(script(body));

  expect(ended).toMatchObject({ code: 1, signal: null, stdout: 'from a tick\n' });
  expect(ended.stderr).toContain('Error: from a tick');
});
