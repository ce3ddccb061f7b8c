import { tracingChannel } from 'node:diagnostics_channel';
import type { TracingChannel } from 'node:diagnostics_channel';

import type { ChainResult } from '../calls/chain.js';
import type { PluginResult } from '../calls/result.js';
import type { PluginInfo } from '../loads/plugin-info.js';

/** What all messages of the tracing channels have. */
interface TracedMessage<T> {
  /** The runtime. */
  readonly runtime: object;
  /** How it ended. Set before `asyncEnd`, or before `end` of a blocking call. */
  result?: T;
  /** Why it did not end with a result: a refusal of the host, the reason of a signal, or a mistake. Set before `error`. */
  error?: unknown;
}

/** For whom a call is made. */
interface TracedCall {
  /** The hook that is called. */
  readonly hook: string;
  /** The option `tenant` of the call. */
  readonly tenant?: string | undefined;
  /** The option `requestId` of the call. */
  readonly requestId?: string | undefined;
}

/** A message of the tracing channel `hookcell:call`: one for each call of a hook outside a chain. */
export interface CallMessage extends TracedMessage<PluginResult<object>>, TracedCall {
  /** The path or name that the plugin is called by. */
  readonly plugin: string;
}

/** A message of the tracing channel `hookcell:chain`: one for each chain. */
export interface ChainMessage extends TracedMessage<ChainResult<object>>, TracedCall {
  /** The paths or names that the plugins are called by, in order. `result.steps` are those that were called. */
  readonly plugins: readonly string[];
}

/** A message of the tracing channels `hookcell:load` and `hookcell:reload`. */
export interface LoadMessage extends TracedMessage<PluginInfo> {
  /** The path or name in the request. */
  readonly plugin: string;
}

export const callChannel = tracingChannel<unknown, CallMessage>('hookcell:call');
export const chainChannel = tracingChannel<unknown, ChainMessage>('hookcell:chain');
export const loadChannel = tracingChannel<unknown, LoadMessage>('hookcell:load');
export const reloadChannel = tracingChannel<unknown, LoadMessage>('hookcell:reload');

/** Runs what a tracing channel tells about, if anyone listens to it. Otherwise it costs one comparison. */
export function traced<M extends object, T>(
  channel: TracingChannel<unknown, M>,
  message: () => M,
  run: () => Promise<T>,
): Promise<T> {
  return channel.hasSubscribers ? channel.tracePromise(run, message()) : run();
}

/** The same for what blocks the thread. */
export function tracedSync<M extends object, T>(
  channel: TracingChannel<unknown, M>,
  message: () => M,
  run: () => T,
): T {
  return channel.hasSubscribers ? channel.traceSync(run, message()) : run();
}
