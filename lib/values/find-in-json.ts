/** Something in a JSON value, and where. */
export interface Found<T> {
  readonly found: T;
  /** Such as `config.rules[2]`. */
  readonly path: string;
}

/**
 * Looks for something in the objects and arrays of a JSON value, from the outside in. Most values are neither, so a path is only written
 * for what is found.
 *
 * @param path - that of the value
 * @param look - gives what it finds in one object or array itself, and is told how deep that is: 0 for the value
 */
export function findInJson<T>(
  value: unknown,
  path: string,
  look: (container: object, depth: number) => T | undefined,
  depth = 0,
): Found<T> | undefined {
  if (!isContainer(value)) {
    return undefined;
  }
  const found = look(value, depth);
  if (found !== undefined) {
    return { found, path };
  }
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const below = isContainer(item) ? findInJson(item, '', look, depth + 1) : undefined;
      if (below !== undefined) {
        return { found: below.found, path: `${path}[${index}]${below.path}` };
      }
    }
    return undefined;
  }
  const record = value as Record<string, unknown>;
  for (const key of Object.keys(record)) {
    const member = record[key];
    const below = isContainer(member) ? findInJson(member, '', look, depth + 1) : undefined;
    if (below !== undefined) {
      return { found: below.found, path: `${path}.${key}${below.path}` };
    }
  }
  return undefined;
}

/** Is it an object or an array? */
export function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
