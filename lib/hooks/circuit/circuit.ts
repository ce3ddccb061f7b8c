import { kindOf } from '../../values/value-kind.js';
import { wholeNumber } from '../../values/whole-number.js';
import type { Bounds } from '../../values/whole-number.js';
import { refuseUnknownOptions } from '../options/option-names.js';

/**
 * When a plugin that faults is no longer called, so that requests stop waiting for its deadline. Every value is a whole
 * number.
 */
export interface CircuitBreakerOptions {
  /** How many faults within `windowMs` open the circuit, if they are at least half of the calls. Default 5, 1 to 1,000. */
  faults?: number | undefined;
  /** The length of a window, counted from its first fault, in milliseconds. Default 10,000, 1 to 3,600,000 (an hour). */
  windowMs?: number | undefined;
  /** How long the plugin is not called before one call tries it again, in milliseconds. Default 5,000, 1 to 3,600,000. */
  openMs?: number | undefined;
}

/** {@link CircuitBreakerOptions} with their defaults. */
export type CircuitSettings = Readonly<Record<keyof CircuitBreakerOptions, number>>;

/** Whether a call is an ordinary one, or the one that tries whether a plugin works again. */
export type CallKind = 'call' | 'probe';

/** How a call ended. A plugin that rejects has `returned`; a call that never ran is `unused`. */
export type CallEnd = 'returned' | 'faulted' | 'unused';

/** What the end of a call changed in the circuit. */
export type CircuitChange = 'opened' | 'closed' | undefined;

const bounds = {
  faults: { name: 'circuitBreaker.faults', min: 1, max: 1_000, default: 5 },
  windowMs: { name: 'circuitBreaker.windowMs', min: 1, max: 3_600_000, default: 10_000 },
  openMs: { name: 'circuitBreaker.openMs', min: 1, max: 3_600_000, default: 5_000 },
} as const satisfies Record<keyof CircuitBreakerOptions, Bounds>;

/** Reads the option. `undefined` means no circuit breaker. */
export function parseCircuitBreaker(options: unknown = {}): CircuitSettings | undefined {
  if (options === false) {
    return undefined;
  }
  if (typeof options !== 'object') {
    throw new TypeError(`circuitBreaker must be false or an object, got ${kindOf(options)}`);
  }
  refuseUnknownOptions('circuitBreaker', options, ['faults', 'windowMs', 'openMs']);
  const {
    faults = bounds.faults.default,
    windowMs = bounds.windowMs.default,
    openMs = bounds.openMs.default,
  } = options as CircuitBreakerOptions;
  return {
    faults: wholeNumber(bounds.faults, faults),
    windowMs: wholeNumber(bounds.windowMs, windowMs),
    openMs: wholeNumber(bounds.openMs, openMs),
  };
}

/** The circuit breaker of one plugin. */
export class Circuit {
  readonly #settings: CircuitSettings;
  /** When the window began: at its first fault. */
  #since = performance.now();
  #faults = 0;
  #returned = 0;
  /** When a call may try the plugin. `undefined` while the circuit is closed. */
  #openUntil: number | undefined;
  #probing = false;
  #notCalled = 0;

  constructor(settings: CircuitSettings) {
    this.#settings = settings;
  }

  /** Whether the plugin is not to be called. */
  get isOpen(): boolean {
    return this.#openUntil !== undefined;
  }

  /** How many calls have not been made since the circuit opened. */
  get notCalled(): number {
    return this.#notCalled;
  }

  /** Whether it holds nothing that is still needed. */
  get isSpent(): boolean {
    return !this.isOpen && performance.now() - this.#since > this.#settings.windowMs;
  }

  /** Asks for a call, whose end must then be reported to {@link Circuit.end}. `undefined` if the plugin must not be called. */
  admit(): CallKind | undefined {
    if (this.#openUntil === undefined) {
      return 'call';
    }
    if (this.#probing || performance.now() < this.#openUntil) {
      return undefined;
    }
    this.#probing = true;
    return 'probe';
  }

  /**
   * Counts a call that is not made.
   *
   * @returns how long until the plugin is tried, in milliseconds; 0 if a call tries it now
   */
  skip(): number {
    this.#notCalled += 1;
    return Math.max(0, (this.#openUntil ?? 0) - performance.now());
  }

  /** Takes how an admitted call ended. */
  end(kind: CallKind, end: CallEnd): CircuitChange {
    if (kind === 'probe') {
      this.#probing = false;
      return this.#endProbe(end);
    }
    // A call that began before the circuit opened tells nothing new.
    if (end === 'unused' || this.isOpen) {
      return undefined;
    }
    return this.#count(end);
  }

  #endProbe(end: CallEnd): CircuitChange {
    if (end === 'faulted') {
      this.#openUntil = performance.now() + this.#settings.openMs;
    } else if (end === 'returned') {
      this.#openUntil = undefined;
      this.#faults = 0;
      this.#returned = 0;
      return 'closed';
    }
    return undefined;
  }

  #count(end: CallEnd): CircuitChange {
    if (end === 'returned') {
      this.#returned += 1;
      return undefined;
    }
    const now = performance.now();
    if (now - this.#since > this.#settings.windowMs) {
      this.#since = now;
      this.#faults = 0;
      this.#returned = 0;
    }
    this.#faults += 1;
    // One client whose requests make a plugin fault must not take it away from all the others.
    if (this.#faults < this.#settings.faults || this.#faults < this.#returned) {
      return undefined;
    }
    this.#openUntil = now + this.#settings.openMs;
    this.#notCalled = 0;
    return 'opened';
  }
}
