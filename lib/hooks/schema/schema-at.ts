import { kindOf } from '../../values/value-kind.js';
import type { ParsedStep } from '../parsed-step.js';

/**
 * When the schema of the input is asked.
 *
 * - `both`: before the first hook, which so sees what matches, and whenever a hook has changed the input. What a client
 *   sends and does not match is rejected before any hook runs. The handler gets what the schema makes of it.
 * - `end`: when the hooks have run, so that they may mend what the client sent. What they see is not checked.
 * - `start`: once, before the first hook. Hooks get what the schema makes of the input, and the handler what they leave,
 *   which is not checked again.
 */
export type SchemaAt = 'start' | 'end' | 'both';

/** An input that no schema has been asked about. */
export type UncheckedInput = Record<string, unknown>;

/**
 * What a function before the handler sees.
 *
 * @typeParam A - when the schema is asked
 * @typeParam I - what the schema takes
 * @typeParam O - what it makes of that
 */
export type InputBefore<A extends SchemaAt, I extends object, O> = A extends 'end'
  ? UncheckedInput
  : A extends 'start'
    ? Made<I, O>
    : I;

/** What the handler gets. A plugin may have left anything, where nothing was asked after it. */
export type InputOfHandler<A extends SchemaAt, O> = A extends 'start' ? unknown : O;

/** What a function after the handler sees: what the handler got. */
export type InputAfter<A extends SchemaAt, I extends object, O> = A extends 'start' ? UncheckedInput : Made<I, O>;

/** What a schema makes of an input; the input itself where there is no schema, or where it makes no object. */
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
 * Throws a `TypeError` where a function stands behind a plugin and nothing is asked about what that leaves: its types say
 * that the input matches.
 */
export function refuseUncheckedFunctions(before: readonly ParsedStep[]): void {
  const plugin = before.findIndex((step) => 'plugin' in step);
  const step = plugin === -1 ? undefined : before.slice(plugin).find((each) => 'native' in each);
  if (step !== undefined) {
    throw new TypeError(
      `${step.name} stands behind a plugin, and with schemaAt 'start' nothing checks what that leaves: ` +
        "put it in front of all plugins, or take schemaAt 'both'",
    );
  }
}
