// The tracing channels: what they tell of calls, chains, loads and reloads.

import { tracingChannel } from 'node:diagnostics_channel';

import { WasmRuntime } from 'hookcell';
import type { CallMessage, ChainMessage, LoadMessage } from 'hookcell';

import { errorOf } from '../support/refusal';
import { answering, fixture } from '../support/wat';

let runtime: WasmRuntime;
let ends: (() => void)[];

beforeEach(async () => {
  ends = [];
  runtime = new WasmRuntime({ logger: false });
  await runtime.loadPluginBytes('pass', await fixture('pass_through'), { isolate: false });
  await runtime.loadPluginBytes('crash', await fixture('crash'), { isolate: false });
});

afterEach(async () => {
  for (const end of ends) {
    end();
  }
  await runtime.close();
});

/** The events of a channel, in order. */
function listen<M extends object>(name: string): [string, M][] {
  const events: [string, M][] = [];
  const channel = tracingChannel<unknown, M>(name);
  const on = (event: string) => (message: M) => void events.push([event, message]);
  const subscribers = {
    start: on('start'),
    end: on('end'),
    asyncStart: on('asyncStart'),
    asyncEnd: on('asyncEnd'),
    error: on('error'),
  };
  channel.subscribe(subscribers);
  ends.push(() => channel.unsubscribe(subscribers));
  return events;
}

const names = (events: [string, object][]) => events.map(([event]) => event);

test('a call is told from its start to its end, with its tenant, its request and its result', async () => {
  const events = listen<CallMessage>('hookcell:call');
  const options = { tenant: 'acme', requestId: 'r-7' };
  const result = await runtime.callHook('crash', 'before_hook', { input: {} }, options);
  expect(names(events)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
  const message = { runtime, plugin: 'crash', hook: 'before_hook', tenant: 'acme', requestId: 'r-7', result };
  expect(events[3]?.[1]).toEqual(message);
  expect(new Set(events.map(([, each]) => each)).size).toBe(1);
});

test('a blocking call is told with its request', () => {
  const events = listen<CallMessage>('hookcell:call');
  const result = runtime.callHookSync('crash', 'before_hook', { input: {} }, { requestId: 'r-7' });
  expect(events[0]?.[1]).toMatchObject({ plugin: 'crash', requestId: 'r-7', result });
  expect(() => runtime.callHookSync('crash', 'before_hook', { input: {} }, { requestId: 'x'.repeat(129) })).toThrow(
    'requestId must have at most 128 characters',
  );
});

test('a refused call is told with its error', async () => {
  const events = listen<CallMessage>('hookcell:call');
  const error = await errorOf(runtime.callHook('missing', 'before_hook', { input: {} }));
  expect(names(events)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
  expect(events[2]?.[1].error).toBe(error);
});

test('a blocking call is told with its result at its end', () => {
  const events = listen<CallMessage>('hookcell:call');
  const result = runtime.callHookSync('pass', 'before_hook', { input: {} });
  expect(names(events)).toEqual(['start', 'end']);
  expect(events[1]?.[1].result).toBe(result);
});

test('a chain is told as a whole, and not as calls', async () => {
  const calls = listen<CallMessage>('hookcell:call');
  const chains = listen<ChainMessage>('hookcell:chain');
  const result = await runtime.callChain(['pass', 'crash'], 'before_hook', { input: {} }, { requestId: 'r' });
  expect(calls).toEqual([]);
  expect(chains.at(-1)?.[1]).toMatchObject({ plugins: ['pass', 'crash'], requestId: 'r', result });
});

test('loads and reloads are told apart, with what is loaded or why not', async () => {
  const loads = listen<LoadMessage>('hookcell:load');
  const reloads = listen<LoadMessage>('hookcell:reload');
  const bytes = await answering('{"ok":true}');
  const info = await runtime.loadPluginBytes('new', bytes, { isolate: false });
  await runtime.reloadPlugin('new', bytes, { isolate: false });
  const error = await errorOf(runtime.loadPluginBytes('bad', Buffer.from('no'), { isolate: false }));
  expect(loads.filter(([event]) => event === 'asyncEnd').map(([, message]) => message)).toEqual([
    { runtime, plugin: 'new', result: info },
    { runtime, plugin: 'bad', error },
  ]);
  expect(names(reloads)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
});

test('without a listener no message is made, and with one the call ends alike', async () => {
  const channel = tracingChannel('hookcell:call');
  const trace = jest.spyOn(Object.getPrototypeOf(channel) as { tracePromise: () => void }, 'tracePromise');
  try {
    const quiet = await runtime.callHook('pass', 'before_hook', { input: {} });
    expect(trace).not.toHaveBeenCalled();
    listen('hookcell:call');
    const told = await runtime.callHook('pass', 'before_hook', { input: {} });
    expect(trace).toHaveBeenCalledTimes(1);
    expect({ ...told, usage: undefined }).toEqual({ ...quiet, usage: undefined });
  } finally {
    trace.mockRestore();
  }
});
