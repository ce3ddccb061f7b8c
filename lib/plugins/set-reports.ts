import type { EventEmitter } from 'node:events';

import { warn } from '../diagnostics.js';
import type { Logger } from '../diagnostics.js';
import { HookcellError } from '../errors.js';
import { refusalLine } from './rollout/refusal.js';
import type { PluginSetEvents, ReloadReport } from './set-events.js';

/** Tells what happens to a set, by its events and in the log. */
export class SetReports {
  readonly #events: EventEmitter<PluginSetEvents>;
  readonly #logger: Logger | undefined;
  #problem: HookcellError | undefined;

  constructor(events: EventEmitter<PluginSetEvents>, logger: Logger | undefined) {
    this.#events = events;
    this.#logger = logger;
  }

  /** Why the last change failed as a whole, if it did. */
  get problem(): HookcellError | undefined {
    return this.#problem;
  }

  /** A listener that throws must not end a reload. */
  tell<E extends keyof PluginSetEvents>(event: E, ...args: PluginSetEvents[E]): void {
    try {
      (this.#events.emit as (name: E, ...values: PluginSetEvents[E]) => boolean).call(this.#events, event, ...args);
    } catch (error) {
      warn(this.#logger, `a listener of '${event}' threw: ${(error as Error | undefined)?.message ?? String(error)}`);
    }
  }

  /** Other versions run now. */
  swapped(manifest: string | undefined, changes: ReloadReport['changes']): void {
    if (changes.length > 0 && manifest !== undefined) {
      this.tell('swapped', { manifest, changes });
    }
  }

  /**
   * A manifest was deployed.
   *
   * @param rolledBack - plugins that another process has rolled back
   */
  deployed(manifest: string | undefined, { changes, refused }: ReloadReport, rolledBack: ReadonlySet<string>): void {
    this.#problem = undefined;
    for (const each of refused) {
      warn(this.#logger, refusalLine(each));
      this.tell('refused', each);
    }
    this.swapped(manifest, changes);
    for (const name of rolledBack) {
      const ofPlugin = changes.filter((change) => change.name === name && change.role !== 'monitor');
      const to = ofPlugin.find(({ role }) => role === 'base')?.to;
      if (to !== undefined) {
        this.tell('rolledBack', { name, from: ofPlugin.flatMap(({ from }) => from ?? []), to });
      }
    }
  }

  /** What failed as a whole, once for each message. Returns the error. */
  failed(error: unknown): unknown {
    const isKnown = error instanceof HookcellError && this.#problem?.message === error.message;
    if (error instanceof HookcellError && error.code !== 'ERR_CLOSED' && !isKnown) {
      this.#problem = error;
      warn(this.#logger, `the plugins stay as they are: ${error.code} ${error.message}`);
      this.tell('manifestRefused', error);
    }
    return error;
  }

  /** What runs now could not be written to the store. Returns the error for it. */
  notRemembered(cause: unknown): unknown {
    if (!(cause instanceof HookcellError)) {
      return cause;
    }
    const message = `what runs now is not remembered: ${cause.message}`;
    const error = new HookcellError(cause.code, message, { cause });
    if (this.#problem?.message !== message) {
      this.#problem = error;
      warn(this.#logger, `${error.code} ${message}`);
    }
    return error;
  }
}
