import { channel } from 'node:diagnostics_channel';

import type { Usage } from './calls/result.js';
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
  log?(...line: any[]): void;
  /** Like `error`. */
  debug?(message: string): void;
  /**
   * Makes a logger whose lines have these members as well, as of pino, winston and Fastify. If there is one, lines about a plugin get
   * `{ hookcell: { plugin, hook, sha256, tenant, requestId } }`; otherwise these are part of the text.
   */
  child?(members: object): Logger;
}

/** The message on the diagnostics channel `hookcell:fault`, for each call that ends in a {@link Fault}. */
export interface FaultMessage {
  /** The path or name that the plugin was called by. */
  plugin: string;
  /** The hook that was called. */
  hook: string;
  /** As the plugin caused it: the message may repeat a secret of its configuration. */
  fault: Fault;
  /** What this plugin used; in a chain, without the other plugins. */
  usage: Usage;
  /** The option `tenant` of the call. */
  tenant?: string | undefined;
  /** The option `requestId` of the call. */
  requestId?: string | undefined;
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

const frameworkLoggers = sharedState('framework-loggers/1', () => new WeakSet<object>());

/** Marks the log of a framework: the log of a request is preferred to it, as to `console`. */
export function frameworkLogger<T extends Logger>(logger: T): T {
  frameworkLoggers.add(logger);
  return logger;
}

/** Whether the user did not choose this logger. */
export function isDefaultLogger(logger: unknown): boolean {
  return logger === undefined || (typeof logger === 'object' && logger !== null && frameworkLoggers.has(logger));
}

/** Publishes a fault on the diagnostics channel. */
export function publishFault(
  message: Pick<FaultMessage, 'plugin' | 'hook' | 'fault' | 'usage'>,
  { tenant, requestId }: Pick<FaultMessage, 'tenant' | 'requestId'>,
): void {
  if (faults.hasSubscribers) {
    const whole: FaultMessage = { ...message, tenant, requestId };
    faults.publish(whole);
  }
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

/** A method that takes a line. */
export type LogMethod = Exclude<keyof Logger, 'child'>;

/** Writes one line to the log; text from a guest cannot break it. */
export function warn(logger: Logger | undefined, line: string): void {
  write(logger, 'warn', line);
}

/** Writes one line at a level. */
export function write(logger: Logger | undefined, method: LogMethod, line: string): void {
  try {
    logger?.[method]?.(asLine(redacted(`hookcell: ${line}`)));
  } catch {
    // The caller still gets the result of the call.
  }
}
