import { channel } from 'node:diagnostics_channel';

import type { Fault, PluginResult, Usage } from './calls/result.js';
import { sharedState } from './shared-state.js';
import { asLine } from './values/shown-text.js';
import { kindOf } from './values/value-kind.js';

/** Where warnings go: `console`, or most logging libraries as they are. */
export interface Logger {
  /** Takes one line without a line break. What it throws is dropped, since a log must not break a call. */
  warn(message: string): void;
}

/** What is published on the diagnostics channel `hookcell:fault`, for each call that ends in a {@link Fault}. */
export interface FaultMessage {
  /** The plugin, by the path or name it was called by. */
  plugin: string;
  /** The hook that was called. */
  hook: string;
  fault: Fault;
  /** What this plugin used, and in a chain no other. */
  usage: Usage;
}

const faults = channel('hookcell:fault');

/** Reads the option `logger`; `undefined` stands for no log. */
export function parseLogger(logger: unknown = console): Logger | undefined {
  if (logger === false) {
    return undefined;
  }
  if (typeof logger !== 'object' || logger === null || typeof (logger as Partial<Logger>).warn !== 'function') {
    throw new TypeError(`logger must be false or an object with a method warn, got ${kindOf(logger)}`);
  }
  return logger as Logger;
}

/** Tells the log and the diagnostics channel where a plugin failed. */
export function reportFault(
  logger: Logger | undefined,
  plugin: string,
  hook: string,
  { fault, usage }: Pick<PluginResult<object>, 'fault' | 'usage'>,
): void {
  if (fault === undefined) {
    return;
  }
  warn(logger, `${plugin} ${hook} failed: ${fault.code} ${fault.message}`);
  if (faults.hasSubscribers) {
    const message: FaultMessage = { plugin, hook, fault, usage };
    faults.publish(message);
  }
}

/** Tells the log where a load kept a plugin whose file has changed. */
export function reportChangedFile(logger: Logger | undefined, { key }: { key: string }): void {
  warn(logger, `${key} has changed since it was loaded, and what was loaded stays: reloadPlugin loads it anew`);
}

const said = sharedState('said/1', () => ({ unpooled: false }));

/** Tells the log, once, where this process has no pool of sandboxes. */
export function reportAllocation(logger: Logger | undefined, pooled: boolean): void {
  if (!pooled && !said.unpooled) {
    said.unpooled = true;
    warn(logger, 'no address space for pooled sandboxes (ulimit -v?): each call maps its own, and takes longer');
  }
}

/** Writes a line to the log, whatever a guest has put into it. */
export function warn(logger: Logger | undefined, line: string): void {
  try {
    logger?.warn(asLine(`hookcell: ${line}`));
  } catch {
    // The call has its result, and the caller a right to it.
  }
}
