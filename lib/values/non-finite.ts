/**
 * The path of a number in the value that JSON cannot hold, or `undefined` if there is none. `1e400` in a client's JSON is
 * read as `Infinity` and would be written as `null`. The value must have no cycles.
 */
export function nonFinitePath(value: unknown, path: string): string | undefined {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? undefined : path;
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') {
    return nonFinitePath(toJSON.call(value, ''), path);
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = isLeaf(item) ? undefined : nonFinitePath(item, `${path}[${index}]`);
      if (found !== undefined) {
        return found;
      }
    }
    return undefined;
  }
  // `Object.entries` takes three times as long for an object with tens of thousands of keys.
  const record = value as Record<string, unknown>;
  for (const key of Object.keys(record)) {
    const member = record[key];
    const found = isLeaf(member) ? undefined : nonFinitePath(member, `${path}.${key}`);
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** Most values are leaves, and a path for each would cost more than the check. */
function isLeaf(value: unknown): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : typeof value !== 'object' || value === null;
}
