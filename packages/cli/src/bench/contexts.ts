import type { HookContext, JsonObject, JsonValue } from 'hookcell';

import { contextBytes } from '../calls/call.js';
import { grantsOf } from '../calls/grants.js';
import type { Grants } from '../calls/grants.js';
import type { FixtureFile } from '../fixtures/fixture-file.js';
import { hookOf } from '../fixtures/fixture.js';
import { size } from '../terminal/numbers.js';

/** A call to measure. */
export interface Subject {
  readonly name: string;
  readonly hook: string;
  readonly context: HookContext;
  readonly grants: Grants;
  readonly bytes: number;
}

/** The calls of fixtures, from the shortest context to the longest. */
export function fixtureSubjects(files: readonly FixtureFile[], grants: Grants): Subject[] {
  const subjects = files.flatMap((file) =>
    file.fixtures.map((fixture, index) =>
      subject(file.nameOf(index), hookOf(fixture), fixture.context, { ...grants, ...grantsOf(fixture) }),
    ),
  );
  return subjects.toSorted((one, other) => one.bytes - other.bytes);
}

/** A call with one context at several sizes. */
export function scaledSubjects(
  hook: string,
  context: HookContext,
  grants: Grants,
  factors: readonly number[],
): Subject[] {
  return factors.map((factor) => {
    const scaled = scale(context, factor);
    return subject(`x${factor} (${size(contextBytes(scaled))})`, hook, scaled, grants);
  });
}

/** The context with its arrays repeated. One without arrays gets one, of copies of its input. */
function scale(context: HookContext, factor: number): HookContext {
  if (factor === 1) {
    return context;
  }
  const { input, data = null } = context;
  const hasArrays = containsArray(input) || containsArray(data as JsonValue);
  if (hasArrays) {
    return { ...context, input: repeat(input, factor) as JsonObject, data: repeat(data as JsonValue, factor) };
  }
  const copies = Array.from({ length: factor - 1 }, () => input);
  return { ...context, input: { ...input, copies } };
}

function containsArray(value: JsonValue): boolean {
  return Array.isArray(value) || (isObject(value) && Object.values(value).some(containsArray));
}

/** Only the outermost arrays grow, so that the length grows in proportion. */
function repeat(value: JsonValue, factor: number): JsonValue {
  if (Array.isArray(value)) {
    return Array.from({ length: factor }, () => value).flat();
  }
  return isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, repeat(each, factor)]))
    : value;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

function subject(name: string, hook: string, context: HookContext, grants: Grants): Subject {
  return { name, hook, context, grants, bytes: contextBytes(context, grants) };
}
