import { Circuit } from './circuit.js';
import type { CallKind, CallEnd, CircuitChange, CircuitSettings } from './circuit.js';

/** Beyond so many, the circuits that no longer matter are dropped, so that plugins that come and go leave nothing. */
const SWEPT_ABOVE = 1_000;

/** The circuit breakers of a runtime's plugins. One that has not failed of late has none. */
export class Circuits {
  readonly settings: CircuitSettings;
  readonly #byPlugin = new Map<string, Circuit>();

  constructor(settings: CircuitSettings) {
    this.settings = settings;
  }

  /** Asks for a call of the plugin, whose end must then be told; `undefined` where it is not to be made. */
  admit(plugin: string): CallKind | undefined {
    const circuit = this.#byPlugin.get(plugin);
    return circuit === undefined ? 'call' : circuit.admit();
  }

  /** Is told how a call that was admitted ended. */
  end(plugin: string, kind: CallKind, end: CallEnd): CircuitChange {
    let circuit = this.#byPlugin.get(plugin);
    if (circuit === undefined) {
      if (end !== 'faulted') {
        return undefined;
      }
      this.#sweep();
      circuit = new Circuit(this.settings);
      this.#byPlugin.set(plugin, circuit);
    }
    return circuit.end(kind, end);
  }

  /**
   * Is told of a call that is not made.
   *
   * @returns how long until the plugin is tried, in milliseconds
   */
  skip(plugin: string): number {
    return this.#byPlugin.get(plugin)?.skip() ?? 0;
  }

  /** How many calls of the plugin were not made since its circuit opened. */
  notCalled(plugin: string): number {
    return this.#byPlugin.get(plugin)?.notCalled ?? 0;
  }

  /** The plugins that are held back. */
  open(): string[] {
    return [...this.#byPlugin].filter(([, circuit]) => circuit.isOpen).map(([plugin]) => plugin);
  }

  #sweep(): void {
    if (this.#byPlugin.size < SWEPT_ABOVE) {
      return;
    }
    for (const [plugin, circuit] of this.#byPlugin) {
      if (circuit.isSpent) {
        this.#byPlugin.delete(plugin);
      }
    }
  }
}
