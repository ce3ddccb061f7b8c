import { channel } from 'node:diagnostics_channel';

import type { CallRecord, LogLine, PluginResult, Usage } from './calls/result.js';
import type { Fault } from './errors.js';
import { sharedState } from './shared-state.js';
import { redacted } from './grants/secrets.js';
import { asLine } from './values/shown-text.js';
import { kindOf } from './values/value-kind.js';

/** Where warnings go: `console`, or the logger of most logging libraries. */
export interface Logger {
  /** Takes one line without a line break. If it throws, the error is dropped, because a log must not fail a call. */
  warn(message: string): void;
  /** Takes what a plugin logs at this level; `warn` takes it if there is no such method. */
  error?(message: string): void;
  /** Like `error`. */
  info?(message: string): void;
  /** Takes the level `info` if there is no `info`, as in NestJS. */
  log?(message: string): void;
  /** Like `error`. */
  debug?(message: string): void;
}

/** The message on the diagnostics channel `hookcell:fault`, for each call that ends in a {@link Fault}. */
export interface FaultMessage {
  /** The path or name that the plugin was called by. */
  plugin: string;
  /** The hook that was called. */
  hook: string;
  fault: Fault;
  /** What this plugin used; in a chain, without the other plugins. */
  usage: Usage;
}

const faults = channel('hookcell:fault');

/** Reads the option `logger`. Returns `undefined` for no log. */
export function parseLogger(logger: unknown = console): Logger | undefined {
  if (logger === false) {
    return undefined;
  }
  if (typeof logger !== 'object' || logger === null || typeof (logger as Partial<Logger>).warn !== 'function') {
    throw new TypeError(`logger must be false or an object with a method warn, got ${kindOf(logger)}`);
  }
  return logger as Logger;
}

/** Reports a fault, if there is one, to the log and the diagnostics channel. */
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

/** Writes what a plugin logged to the log, at the level of each line. */
export function reportLog(logger: Logger | undefined, plugin: string, hook: string, log: CallRecord['log']): void {
  if (log === undefined || logger === undefined) {
    return;
  }
  for (const line of log) {
    write(logger, methodFor(logger, line), `${plugin} ${hook}: ${textOf(line)}`);
  }
}

function textOf({ message, fields }: LogLine): string {
  return fields === undefined ? message : `${message} ${JSON.stringify(fields)}`;
}

function methodFor(logger: Logger, { level }: LogLine): LogMethod {
  const methods: LogMethod[] = level === 'info' ? ['info', 'log'] : [level];
  return methods.find((method) => typeof logger[method] === 'function') ?? 'warn';
}

/** Logs that a load kept a plugin although its file has changed. */
export function reportChangedFile(logger: Logger | undefined, { key }: { key: string }): void {
  warn(
    logger,
    `${key} has changed since it was loaded, and the loaded plugin stays: use reloadPlugin to load the new file`,
  );
}

const said = sharedState('said/1', () => ({ unpooled: false }));

/** Logs, once per process, that there is no pool of sandboxes. */
export function reportAllocation(logger: Logger | undefined, pooled: boolean): void {
  if (!pooled && !said.unpooled) {
    said.unpooled = true;
    warn(
      logger,
      'not enough address space for pooled sandboxes (ulimit -v?): each call maps its own memory and takes longer',
    );
  }
}

type LogMethod = keyof Logger;

/** Writes one line to the log; text from a guest cannot break it. */
export function warn(logger: Logger | undefined, line: string): void {
  write(logger, 'warn', line);
}

function write(logger: Logger | undefined, method: LogMethod, line: string): void {
  try {
    logger?.[method]?.(asLine(redacted(`hookcell: ${line}`)));
  } catch {
    // The caller still gets the result of the call.
  }
}
