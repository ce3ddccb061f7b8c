// Random patches, and what they make of a context.

import type { JsonObject, JsonValue } from 'hookcell';

/** An operation of a JSON Patch. */
export interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: JsonValue;
}

const keys = ['a', 'b', '0', '1', 'a/b', 'm~n', '', 'é😀', 'constructor'];
const scalars: JsonValue[] = [
  0,
  1,
  -1.5,
  1e21,
  5e-324,
  0.1,
  9_007_199_254_740_992,
  true,
  null,
  '',
  'x',
  '\ud83d',
  '"\\',
];

type Random = (below: number) => number;

export function generator(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

export function value(random: Random, depth: number): JsonValue {
  const kind = random(depth === 0 ? 1 : 3);
  if (kind === 0) {
    return scalars[random(scalars.length)] ?? null;
  }
  return kind === 1 ? Array.from({ length: random(4) }, () => value(random, depth - 1)) : object(random, depth);
}

export function object(random: Random, depth: number): JsonObject {
  return Object.fromEntries(
    Array.from({ length: random(5) }, () => [keys[random(keys.length)] ?? '', value(random, depth - 1)]),
  );
}

export function operation(random: Random): Operation {
  const escaped = [...keys.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')), '-'];
  const path = () =>
    (random(3) === 0 ? '/data' : '/input') +
    Array.from({ length: random(3) }, () => `/${escaped[random(escaped.length)]}`).join('');
  const op = ['add', 'add', 'remove', 'replace', 'move', 'copy'][random(6)] ?? 'add';
  return { op, path: path(), from: path(), value: value(random, 2) };
}

export function changedParts(operations: readonly Operation[]): { input: boolean; data: boolean } {
  const changes = operations.flatMap(({ op, path, from = '' }) => (op === 'move' ? [path, from] : [path]));
  return {
    input: changes.some((path) => path.startsWith('/input')),
    data: changes.some((path) => path.startsWith('/data')),
  };
}

/** What a patch makes of a context, on trees and as plainly as can be; `undefined` if it cannot be applied. */
export function patchedTree(context: { input: JsonObject; data: JsonValue }, operations: readonly Operation[]) {
  const root = structuredClone(context) as unknown as JsonObject;
  const steps = (path: string) =>
    path
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const lookUp = (path: readonly string[]): JsonValue | undefined => {
    let found: JsonValue | undefined = root;
    for (const step of path) {
      const isIndex: boolean = Array.isArray(found)
        ? /^(?:0|[1-9]\d*)$/u.test(step)
        : typeof found === 'object' && found !== null;
      found = isIndex && Object.hasOwn(found as object, step) ? (found as JsonObject)[step] : undefined;
    }
    return found;
  };
  const add = (path: string, added: JsonValue): boolean => {
    const parent = lookUp(steps(path).slice(0, -1));
    const last = steps(path).at(-1) ?? '';
    if (Array.isArray(parent)) {
      const index = last === '-' ? parent.length : /^(?:0|[1-9]\d*)$/u.test(last) ? Number(last) : Infinity;
      return index <= parent.length && (parent.splice(index, 0, added), true);
    }
    return typeof parent === 'object' && parent !== null && ((parent[last] = added), true);
  };
  const remove = (path: string): boolean => {
    const parent = lookUp(steps(path).slice(0, -1));
    const last = steps(path).at(-1) ?? '';
    if (lookUp(steps(path)) === undefined || steps(path).length === 1) {
      return false;
    }
    return Array.isArray(parent) ? (parent.splice(Number(last), 1), true) : delete (parent as JsonObject)[last];
  };
  const isDone = operations.every(({ op, path, from = '', value: given = null }) => {
    if (op === 'move' || op === 'copy') {
      const moved = lookUp(steps(from));
      const isInside = op === 'move' && path.startsWith(`${from}/`);
      const copy = structuredClone(moved);
      return copy !== undefined && !isInside && (op === 'copy' || remove(from)) && add(path, copy);
    }
    if (op === 'replace') {
      const isThere = lookUp(steps(path)) !== undefined;
      const parent = lookUp(steps(path).slice(0, -1));
      return isThere && (((parent as JsonObject)[steps(path).at(-1) ?? ''] = given), true);
    }
    return op === 'remove' ? remove(path) : add(path, structuredClone(given));
  });
  const { input, data } = root;
  const isContext = typeof input === 'object' && input !== null && !Array.isArray(input);
  const isChanged = operations.some(
    ({ op, path, from }) => path.startsWith('/data') || (op === 'move' && from?.startsWith('/data')),
  );
  return isDone && isContext && !(data === null && isChanged) ? { input, data } : undefined;
}
