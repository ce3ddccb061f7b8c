import { Circuit } from './circuit.js';
import type { CallKind, CallEnd, CircuitChange, CircuitSettings } from './circuit.js';

/** With more circuits than this, those that are no longer needed are dropped: plugins come and go. */
const SWEPT_ABOVE = 1_000;

/** The circuits of a runtime's plugins. A plugin that has not faulted lately has none. */
export class Circuits {
  readonly settings: CircuitSettings;
  readonly #byPlugin = new Map<string, Circuit>();

  constructor(settings: CircuitSettings) {
    this.settings = settings;
  }

  /** Asks for a call of the plugin, whose end must then be reported. `undefined` if it must not be called. */
  admit(plugin: string): CallKind | undefined {
    const circuit = this.#byPlugin.get(plugin);
    return circuit === undefined ? 'call' : circuit.admit();
  }

  /** Takes how an admitted call ended. */
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
   * Counts a call that is not made.
   *
   * @returns how long until the plugin is tried, in milliseconds
   */
  skip(plugin: string): number {
    return this.#byPlugin.get(plugin)?.skip() ?? 0;
  }

  /** How many calls of the plugin have not been made since its circuit opened. */
  notCalled(plugin: string): number {
    return this.#byPlugin.get(plugin)?.notCalled ?? 0;
  }

  /** The plugin is gone. */
  forget(plugin: string): void {
    this.#byPlugin.delete(plugin);
  }

  /** The plugins whose circuit is open. */
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
