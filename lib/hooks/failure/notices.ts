import { channel } from 'node:diagnostics_channel';

import { parseLogger, publishFault, warn } from '../../diagnostics.js';
import type { FaultMessage, Logger } from '../../diagnostics.js';
import type { Circuits } from '../circuit/circuits.js';
import type { HookFailure, RefusedFailure } from './failure.js';
import type { HookRecord } from './hook-stats.js';

/** What is published on the diagnostics channel `hookcell:circuit`. */
export interface CircuitMessage {
  plugin: string;
  /** `half-open` when one call is let through to try the plugin. */
  state: 'open' | 'half-open' | 'closed';
}

/** What is published on the diagnostics channel `hookcell:pass`: a failure that did not end its request. */
export interface PassMessage {
  failure: HookFailure;
  tenantId: string | null;
  /** The request, if it has an id. */
  requestId?: string | undefined;
}

/** The request that a line is about. */
export interface RequestOfLine {
  readonly requestId: string | undefined;
  /** The framework's own log of it. */
  readonly logger: Logger | undefined;
}

const circuitChannel = channel('hookcell:circuit');
const passChannel = channel('hookcell:pass');

/** Tells the operator of the server what its clients do not see: in the log, in counts, and on diagnostics channels. */
export class Notices {
  readonly #logger: Logger | undefined;
  readonly #isDefault: boolean;
  readonly #record: HookRecord;
  #saidUnread = false;

  /** @param frameworkLog - takes the lines if the user chose no logger */
  constructor(record: HookRecord, logger: Logger | false | undefined, frameworkLog: Logger | undefined) {
    this.#record = record;
    this.#logger = parseLogger(logger ?? frameworkLog);
    this.#isDefault = logger === undefined;
  }

  /** A failure does not end its request. */
  passed(failure: HookFailure, tenantId: string | null, request: RequestOfLine): void {
    const log = this.#logOf(request);
    const about = request.requestId === undefined ? '' : ` (request ${request.requestId})`;
    if (failure.kind === 'circuit-open') {
      // A line each would be one for every request. The line that the circuit closed has their number.
      this.#record.count('passedOpenCircuits');
    } else if (failure.kind === 'faulted') {
      this.#record.count('passedFaults');
      warn(log, `${failure.plugin} ${failure.hook} failed, and the request continues without it${about}`);
    } else if (failure.kind === 'rejected') {
      this.#record.count('passedRejections');
      const who = failure.plugin ?? 'a native hook';
      warn(log, `${who} rejected a request, which continues: ${cut(failure.error)}${about}`);
    }
    if (passChannel.hasSubscribers) {
      const message: PassMessage = { failure, tenantId, requestId: request.requestId };
      passChannel.publish(message);
    }
  }

  /** What a plugin made does not match the schema: a fault that the runtime does not know of. */
  faulted(message: FaultMessage, request: RequestOfLine): void {
    const { plugin, hook, fault, tenant } = message;
    const { requestId } = request;
    const about = requestId === undefined ? '' : ` (request ${requestId})`;
    warn(this.#logOf(request), `${plugin} ${hook} failed: ${fault.code} ${fault.message}${about}`);
    publishFault(message, { tenant, requestId });
  }

  /** A client disconnected while its request waited for hooks. That is normal, so there is no line. */
  clientLeft(): void {
    this.#record.count('clientsLeft');
  }

  /** A request is refused because its body was not parsed. Clients may send many of them, so this is logged once. */
  bodyUnread(owner: string, type = 'no type'): void {
    if (!this.#saidUnread) {
      this.#saidUnread = true;
      warn(this.#logger, `${owner}: a body of ${cut(type)} was not parsed before the hooks, and is refused with 415`);
    }
  }

  /** A request fails because of the server, and its client is told nothing about it. */
  refused({ error, stage }: RefusedFailure): void {
    warn(this.#logger, `the hooks ${stage} a handler ended a request with 500: ${error.code}: ${error.message}`);
  }

  /** A handler writes after its response. What it writes is lost, as it would be without hooks. */
  refusedWrite(action: string): void {
    warn(this.#logger, `a handler called ${action}() on a response after json(): the call is refused`);
  }

  /** An open circuit ends a request. */
  refusedByCircuit(): void {
    this.#record.count('refusedByCircuit');
  }

  circuitOpened(plugin: string, { settings: { faults, openMs } }: Circuits): void {
    this.#record.count('circuitsOpened');
    warn(
      this.#logger,
      `${plugin} failed ${faults} times or more, and is not called for ${openMs} ms (its circuit is open)`,
    );
    this.#publish({ plugin, state: 'open' });
  }

  circuitTried(plugin: string): void {
    this.#publish({ plugin, state: 'half-open' });
  }

  circuitClosed(plugin: string, circuits: Circuits): void {
    warn(
      this.#logger,
      `${plugin} works again (its circuit is closed); ${circuits.notCalled(plugin)} calls were not made`,
    );
    this.#publish({ plugin, state: 'closed' });
  }

  /** The framework's log, unless the user chose another. */
  #logOf({ logger }: RequestOfLine): Logger | undefined {
    return this.#isDefault ? (logger ?? this.#logger) : this.#logger;
  }

  #publish(message: CircuitMessage): void {
    if (circuitChannel.hasSubscribers) {
      circuitChannel.publish(message);
    }
  }
}

/** A plugin's text may be a megabyte long. */
function cut(text = 'it does not say why'): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
