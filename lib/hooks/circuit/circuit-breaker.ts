import type { Notices } from '../failure/notices.js';
import type { Admission, CallEnd } from './circuit.js';
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

  /** Asks for a call of the plugin, whose end must then be told; `undefined` if it must not be made. */
  admit(plugin: string): Admission | undefined {
    if (this.#circuits === undefined) {
      return 'call';
    }
    const admission = this.#circuits.admit(plugin);
    if (admission === 'probe') {
      this.#notices.circuitTried(plugin);
    }
    return admission;
  }

  /** Is told how a call that was admitted ended. */
  end(plugin: string, admission: Admission, end: CallEnd): void {
    const change = this.#circuits?.end(plugin, admission, end);
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
   * Is told of a call that is not made.
   *
   * @returns how long until the plugin is tried, in milliseconds
   */
  hold(plugin: string): number {
    return this.#circuits?.hold(plugin) ?? 0;
  }
}
