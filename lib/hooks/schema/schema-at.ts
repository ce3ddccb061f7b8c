import { kindOf } from '../../values/value-kind.js';
import type { ParsedStep } from '../parsed-step.js';

/**
 * When the input is checked against its schema.
 *
 * - `both`: before the first hook, and whenever a hook has changed the input. If the client's input does not match, it is
 *   rejected before any hook runs. The handler gets what the schema makes of the input.
 * - `end`: after the hooks, so that they may correct what the client sent. They see unchecked input.
 * - `start`: once, before the first hook. Hooks get what the schema makes of the input. The handler gets what they leave,
 *   which is not checked again.
 */
export type SchemaAt = 'start' | 'end' | 'both';

/** An input that has not been checked. */
export type UncheckedInput = Record<string, unknown>;

/**
 * What a native hook before the handler sees.
 *
 * @typeParam A - when the input is checked
 * @typeParam I - what the schema takes
 * @typeParam O - what it makes of it
 */
export type InputBefore<A extends SchemaAt, I extends object, O> = A extends 'end'
  ? UncheckedInput
  : A extends 'start'
    ? Made<I, O>
    : I;

/** What the handler gets. With `start` a plugin may leave anything. */
export type InputOfHandler<A extends SchemaAt, O> = A extends 'start' ? unknown : O;

/** What a native hook after the handler sees: what the handler got. */
export type InputAfter<A extends SchemaAt, I extends object, O> = A extends 'start' ? UncheckedInput : Made<I, O>;

/** What a schema makes of an input. The input itself, if there is no schema or it makes no object. */
type Made<I extends object, O> = unknown extends O ? I : O extends object ? O : I;

/** Reads the option `schemaAt`. */
export function parseSchemaAt(value: unknown = 'both'): SchemaAt {
  if (value !== 'start' && value !== 'end' && value !== 'both') {
    const shown = typeof value === 'string' ? JSON.stringify(value) : kindOf(value);
    throw new TypeError(`schemaAt must be 'start', 'end' or 'both', got ${shown}`);
  }
  return value;
}

/**
 * Throws a `TypeError` if a native hook follows a plugin and the plugin's changes are not checked: the hook's types say that
 * the input matches.
 */
export function refuseUncheckedFunctions(before: readonly ParsedStep[]): void {
  const plugin = before.findIndex((step) => !('native' in step));
  const step = plugin === -1 ? undefined : before.slice(plugin).find((each) => 'native' in each);
  if (step !== undefined) {
    throw new TypeError(
      `${step.name} is a function that runs after a plugin, and with schemaAt 'start' nothing checks what the plugin leaves: ` +
        "put it before all plugins, or use schemaAt 'both'",
    );
  }
}
