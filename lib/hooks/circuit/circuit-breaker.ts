import type { Notices } from '../failure/notices.js';
import type { CallKind, CallEnd } from './circuit.js';
import type { Circuits } from './circuits.js';

/** Decides which plugins of a route may be called, and logs what changes. */
export class CircuitBreaker {
  readonly #circuits: Circuits | undefined;
  readonly #notices: Notices;

  /** @param circuits - those that the route shares with others; `undefined` if the option is `false` */
  constructor(circuits: Circuits | undefined, notices: Notices) {
    this.#circuits = circuits;
    this.#notices = notices;
  }

  /** Asks for a call of the plugin, whose end must then be reported. `undefined` if it must not be called. */
  admit(plugin: string): CallKind | undefined {
    if (this.#circuits === undefined) {
      return 'call';
    }
    const kind = this.#circuits.admit(plugin);
    if (kind === 'probe') {
      this.#notices.circuitTried(plugin);
    }
    return kind;
  }

  /** Takes how an admitted call ended. */
  end(plugin: string, kind: CallKind, end: CallEnd): void {
    const change = this.#circuits?.end(plugin, kind, end);
    if (this.#circuits === undefined || change === undefined) {
      return;
    }
    if (change === 'opened') {
      this.#notices.circuitOpened(plugin, this.#circuits);
    } else {
      this.#notices.circuitClosed(plugin, this.#circuits);
    }
  }

  /**
   * Counts a call that is not made.
   *
   * @returns how long until the plugin is tried, in milliseconds
   */
  skip(plugin: string): number {
    return this.#circuits?.skip(plugin) ?? 0;
  }
}
