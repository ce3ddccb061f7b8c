import { shown } from '../../values/shown-text.js';
import { isRecord, kindOf } from '../../values/value-kind.js';
import type { Problems } from './problems.js';

/** One JSON object, whose members are read one by one. */
export class JsonMembers {
  readonly #members: Record<string, unknown>;
  readonly #path: string;
  readonly #problems: Problems;
  readonly #known: string[] = [];

  /** @param value - anything; what is no object is a problem, and has no members */
  constructor(value: unknown, path: string, problems: Problems) {
    this.#path = path;
    this.#problems = problems;
    if (!isRecord(value)) {
      problems.add(path, `must be an object, got ${kindOf(value)}`);
    }
    this.#members = isRecord(value) ? (value as Record<string, unknown>) : {};
  }

  /** The path of a member. */
  pathOf(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }

  /** A member as it is, or `undefined` if there is none. */
  raw(name: string): unknown {
    this.#known.push(name);
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
  }

  /** Reads a member that may be missing. `problemWith` says what is wrong with a value that is there. */
  read<T>(name: string, problemWith: (value: unknown) => string | undefined): T | undefined {
    const value = this.raw(name);
    if (value === undefined) {
      return undefined;
    }
    const problem = problemWith(value);
    if (problem !== undefined) {
      this.#problems.add(this.pathOf(name), problem);
      return undefined;
    }
    return value as T;
  }

  /** Reads a member that must be there. */
  require<T>(name: string, problemWith: (value: unknown) => string | undefined): T | undefined {
    if (!Object.hasOwn(this.#members, name)) {
      this.#problems.add(this.pathOf(name), 'is missing');
    }
    return this.read<T>(name, problemWith);
  }

  /** Refuses members that were not read. */
  refuseOthers(): void {
    for (const name of Object.keys(this.#members)) {
      if (!this.#known.includes(name)) {
        const known = this.#known.join(', ');
        this.#problems.add(this.pathOf(shown(name)), `is not known; the members here are ${known}`);
      }
    }
  }
}
