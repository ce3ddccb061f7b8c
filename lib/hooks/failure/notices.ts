import { channel } from 'node:diagnostics_channel';

import { parseLogger, warn } from '../../diagnostics.js';
import type { Logger } from '../../diagnostics.js';
import type { Circuits } from '../circuit/circuits.js';
import type { HookFailure, RefusedFailure } from './failure.js';
import type { HookRecord } from './hook-stats.js';

/** What is published on the diagnostics channel `hookcell:circuit`. */
export interface CircuitMessage {
  plugin: string;
  /** `half-open` where one call is let through to try the plugin. */
  state: 'open' | 'half-open' | 'closed';
}

/** What is published on the diagnostics channel `hookcell:pass`: a request went on past a failure. */
export interface PassMessage {
  failure: HookFailure;
  tenantId: string | null;
}

const circuitChannel = channel('hookcell:circuit');
const passChannel = channel('hookcell:pass');

/** Whoever operates the server is told, in three ways, of each failure that its clients do not see. */
export class Notices {
  readonly logger: Logger | undefined;
  readonly #record: HookRecord;
  #saidUnread = false;

  constructor(record: HookRecord, logger: Logger | false | undefined) {
    this.#record = record;
    this.logger = parseLogger(logger);
  }

  /** A request goes on past a failure. */
  passed(failure: HookFailure, tenantId: string | null): void {
    if (failure.kind === 'circuit-open') {
      // Not a line each: it would be one for every request. The line that the circuit closed has their number.
      this.#record.count('passedOpenCircuits');
    } else if (failure.kind === 'faulted') {
      this.#record.count('passedFaults');
      warn(this.logger, `${failure.plugin} ${failure.hook} failed, and the request goes on without it`);
    } else if (failure.kind === 'rejected') {
      this.#record.count('passedRejections');
      warn(
        this.logger,
        `${failure.plugin ?? 'a native hook'} rejected a request, and it goes on: ${cut(failure.error)}`,
      );
    }
    if (passChannel.hasSubscribers) {
      const message: PassMessage = { failure, tenantId };
      passChannel.publish(message);
    }
  }

  /** A client left while its request waited for hooks: no fault of anybody's, so no line. */
  clientLeft(): void {
    this.#record.count('clientsLeft');
  }

  /** A request is refused since its body was not parsed; a client may send any number of them, so this is said once. */
  bodyUnread(owner: string, type = 'no type'): void {
    if (!this.#saidUnread) {
      this.#saidUnread = true;
      warn(this.logger, `${owner}: a body of ${cut(type)} was not parsed before the hooks, and is refused with 415`);
    }
  }

  /** A request fails by the server's own doing, of which its client is told nothing. */
  refused({ error, stage }: RefusedFailure): void {
    warn(this.logger, `the hooks ${stage} a handler ended a request with 500: ${error.code}: ${error.message}`);
  }

  /** A handler goes on writing when it has answered: what it writes is lost, as it would be without hooks. */
  refusedWrite(action: string): void {
    warn(this.logger, `a handler called ${action}() of a response that it had answered with json(): it is refused`);
  }

  /** A request is refused without a call. */
  refusedByCircuit(): void {
    this.#record.count('refusedByCircuit');
  }

  circuitOpened(plugin: string, { settings: { faults, openMs } }: Circuits): void {
    this.#record.count('circuitsOpened');
    warn(
      this.logger,
      `${plugin} failed ${faults} times or more, and is not called for ${openMs} ms (its circuit is open)`,
    );
    this.#publish({ plugin, state: 'open' });
  }

  circuitTried(plugin: string): void {
    this.#publish({ plugin, state: 'half-open' });
  }

  circuitClosed(plugin: string, circuits: Circuits): void {
    warn(
      this.logger,
      `${plugin} answers again (its circuit is closed); ${circuits.notCalled(plugin)} calls were not made`,
    );
    this.#publish({ plugin, state: 'closed' });
  }

  #publish(message: CircuitMessage): void {
    if (circuitChannel.hasSubscribers) {
      circuitChannel.publish(message);
    }
  }
}

/** What a plugin says may be a megabyte long. */
function cut(text = 'it does not say why'): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
