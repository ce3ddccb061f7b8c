// What plugins log, in the logs of servers: who it is from, and how much of it.

import { Writable } from 'node:stream';

import { WasmRuntime } from 'hookcell';
import type { SandboxConfig } from 'hookcell';
import { pino } from 'pino';
import winston from 'winston';

import { fixture, plugin } from '../support/wat';

const runtimes: WasmRuntime[] = [];

afterEach(async () => {
  await Promise.all(runtimes.splice(0).map((runtime) => runtime.close()));
});

/** A plugin that logs a line, and then traps if it is to. */
const logging = (traps: boolean) => {
  const line = String.raw`{\22level\22:\22info\22,\22message\22:\22hello\22,\22fields\22:{\22n\22:1}}\0a`;
  return plugin({
    definitions: `(data (i32.const 4096) "${line}")
      (global (export "log_ptr") (mut i32) (i32.const 4096))
      (global (export "log_len") (mut i32) (i32.const 52))`,
    hook: traps ? 'unreachable' : '(i64.const 0)',
  });
};

async function started(config: SandboxConfig, traps = false) {
  const runtime = new WasmRuntime(config);
  runtimes.push(runtime);
  const { sha256 } = await runtime.loadPluginBytes('talks', await logging(traps), { isolate: false });
  return { runtime, sha256 };
}

/** The lines that are written to it. */
function sink() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(...chunk.toString().trim().split('\n'));
      done();
    },
  });
  return { lines, stream };
}

const options = { tenant: 'acme', requestId: 'r-7' };

test('pino gets the plugin, its version, the tenant and the request as members', async () => {
  const { lines, stream } = sink();
  const { runtime, sha256 } = await started({ logger: pino({ base: null, timestamp: false }, stream) }, true);
  await runtime.callHook('talks', 'before_hook', { input: {} }, options);
  const hookcell = { plugin: 'talks', hook: 'before_hook', sha256, ...options };
  expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
    { level: 30, hookcell, msg: 'hookcell: talks before_hook: hello {"n":1}' },
    { level: 40, hookcell, msg: expect.stringMatching(/^hookcell: talks before_hook failed: ERR_TRAP /) },
  ]);
});

test('winston gets the same', async () => {
  const { lines, stream } = sink();
  const logger = winston.createLogger({ transports: [new winston.transports.Stream({ stream })] });
  const { runtime, sha256 } = await started({ logger });
  await runtime.callHook('talks', 'before_hook', { input: {} }, options);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    hookcell: { plugin: 'talks', hook: 'before_hook', sha256, ...options },
  });
});

test('a log of text alone gets them as text, also for each plugin of a chain', async () => {
  const lines: string[] = [];
  const { runtime, sha256 } = await started({ logger: { warn: (line) => lines.push(line) } });
  await runtime.callHook('talks', 'before_hook', { input: {} }, options);
  await runtime.callChain(['talks', 'talks'], 'before_hook', { input: {} }, { requestId: 'a\nb' });
  const version = sha256.slice(0, 12);
  const hello = 'hookcell: talks before_hook: hello {"n":1}';
  expect(lines).toEqual([
    `${hello} (version ${version}, tenant acme, request r-7)`,
    `${hello} (version ${version}, request a b)`,
    `${hello} (version ${version}, request a b)`,
  ]);
});

test('no more lines are written in a second than the option says, and a line says how many are missing', async () => {
  const lines: string[] = [];
  const { runtime } = await started({ logger: { warn: (line) => lines.push(line) }, maxLogLinesPerSecond: 3 });
  const calls = Array.from({ length: 10 }, () => runtime.callHook('talks', 'before_hook', { input: {} }));
  for (const result of await Promise.all(calls)) {
    expect(result.log).toHaveLength(1);
  }
  expect(lines).toHaveLength(3);
  await runtime.close();
  expect(lines.slice(3)).toEqual([
    'hookcell: 7 lines of plugins are not in the log: it takes 3 a second (maxLogLinesPerSecond)',
  ]);
});

test('the next second has lines again', async () => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
  try {
    const lines: string[] = [];
    const { runtime } = await started({ logger: { warn: (line) => lines.push(line) }, maxLogLinesPerSecond: 1 });
    const call = () => runtime.callHookSync('talks', 'before_hook', { input: {} });
    call();
    call();
    expect(lines).toHaveLength(1);
    jest.advanceTimersByTime(1_000);
    expect(lines).toHaveLength(2);
    call();
    expect(lines).toHaveLength(3);
  } finally {
    jest.useRealTimers();
  }
});

test('an option of the log that is wrong is named', async () => {
  expect(() => new WasmRuntime({ maxLogLinesPerSecond: -1 })).toThrow(
    'maxLogLinesPerSecond must be a whole number from 0',
  );
  const { runtime } = await started({ logger: false });
  await runtime.loadPluginBytes('pass', await fixture('pass_through'), { isolate: false });
  const call = runtime.callHook('pass', 'before_hook', { input: {} }, { requestId: 'x'.repeat(129) });
  await expect(call).rejects.toThrow('requestId must have at most 128 characters');
});
