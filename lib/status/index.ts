import type { IncomingMessage, ServerResponse } from 'node:http';

import { refuseUnknownOptions } from '../hooks/options/option-names.js';
import type { ObservedRuntime } from '../telemetry/observed-runtime.js';
import { wholeNumber } from '../values/whole-number.js';
import { RuntimeStatus } from './runtime-status.js';
import type { StatusSnapshot } from './snapshot.js';

export type { CallOutcome } from '../telemetry/observed-calls.js';
export type { CallsSnapshot, FailureSnapshot, PluginSnapshot, StatusSnapshot } from './snapshot.js';

/** How much a status keeps. */
export interface StatusOptions {
  /**
   * The most plugins whose calls are counted apart, about 1 KB each. Plugins that are no longer loaded make room. Default 1,000, 1 to
   * 100,000.
   */
  maxPlugins?: number | undefined;

  /** The most faults and refusals to keep. Default 20, 0 to 1,000. */
  maxFailures?: number | undefined;
}

/** The status of a runtime, counted from when it is made. */
export interface Status {
  /** The status now, as an object for JSON. It contains the names of plugins and what went wrong: show it to operators only. */
  snapshot(): StatusSnapshot;

  /**
   * Responds with the snapshot as JSON, with status 200, or 503 if the runtime is not ready. It is a handler of Node.js and of
   * Express; other frameworks send `snapshot()`.
   */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;

  /** Counts no more calls. */
  stop(): void;

  /** The same as `stop`, for `using`. */
  [Symbol.dispose](): void;
}

const maxPlugins = { name: 'maxPlugins', min: 1, max: 100_000, default: 1_000 };
const maxFailures = { name: 'maxFailures', min: 0, max: 1_000, default: 20 };

/**
 * Counts the calls of a runtime, for a page that shows how it is.
 *
 * ```ts
 * const status = createStatus(runtime);
 * app.get('/internal/hookcell', status.handler);
 * ```
 *
 * @param runtime - the runtime that runs the calls
 * @throws `TypeError` or `RangeError` for an option that is wrong
 */
export function createStatus(runtime: ObservedRuntime, options: StatusOptions = {}): Status {
  refuseUnknownOptions('createStatus', options, ['maxPlugins', 'maxFailures']);
  const status = new RuntimeStatus(
    runtime,
    wholeNumber(maxPlugins, options.maxPlugins ?? maxPlugins.default),
    wholeNumber(maxFailures, options.maxFailures ?? maxFailures.default),
  );
  return {
    snapshot: () => status.snapshot(),
    handler(_request, response) {
      const snapshot = status.snapshot();
      response.statusCode = snapshot.ready ? 200 : 503;
      response.setHeader('content-type', 'application/json; charset=utf-8');
      response.setHeader('cache-control', 'no-store');
      response.end(JSON.stringify(snapshot));
    },
    stop: () => status.stop(),
    [Symbol.dispose]: () => status.stop(),
  };
}
