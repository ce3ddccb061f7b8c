/**
 * Applies what a plugin changed in the JSON of a server's value to that value. What the plugin left alone stays the same
 * object, such as a Buffer, a Date or an instance of a class. Nothing is changed in place.
 *
 * - A member without JSON (`undefined`, a function, what a replacer leaves out) stays in its object.
 * - A changed instance becomes a plain object. Its unchanged members stay the same objects.
 * - A changed element of an array may be another element that was moved. It keeps nothing that the plugin did not see, so
 *   that what belongs to one element never ends up in another.
 *
 * @param value - what the server has
 * @param given - what the plugin was given: the parsed JSON, or the value itself if it is its own JSON
 * @param changed - what the plugin made of that
 * @returns `value` itself if nothing is changed
 */
export function applyJsonChanges(value: unknown, given: unknown, changed: unknown): unknown {
  return merge(value, given, changed, false);
}

type JsonRecord = Record<string, unknown>;

function merge(value: unknown, given: unknown, changed: unknown, mayBeMoved: boolean): unknown {
  if (mayBeMoved && hidesSomething(value)) {
    return changed;
  }
  const seen = jsonForm(given);
  const form = given === value ? seen : jsonForm(value);
  if (!isObject(seen) || !isObject(changed)) {
    return seen === changed ? value : changed;
  }
  if (Array.isArray(seen) && Array.isArray(changed)) {
    return mergeArrays(value, form, seen, changed, mayBeMoved);
  }
  return Array.isArray(seen) || Array.isArray(changed)
    ? changed
    : mergeObjects(value, form, seen as JsonRecord, changed as JsonRecord, mayBeMoved);
}

function mergeArrays(value: unknown, form: unknown, seen: unknown[], changed: unknown[], mayBeMoved: boolean): unknown {
  // A replacer may leave elements out.
  const items = Array.isArray(form) && form.length === seen.length ? (form as unknown[]) : seen;
  const merged = changed.map((item, index) => {
    if (index >= seen.length) {
      return item;
    }
    const shown = elementForm(seen[index]);
    const isSame = !mayBeMoved && isUnchanged(shown, item);
    return isSame ? items[index] : merge(items[index], shown, item, true);
  });
  const isSame = merged.length === items.length && merged.every((item, index) => Object.is(item, items[index]));
  return isSame ? value : merged;
}

function mergeObjects(
  value: unknown,
  form: unknown,
  seen: JsonRecord,
  changed: JsonRecord,
  mayBeMoved: boolean,
): unknown {
  const members = isObject(form) && !Array.isArray(form) ? (form as JsonRecord) : seen;
  const merged: JsonRecord = {};
  let isSame = true;
  for (const [key, member] of Object.entries(changed)) {
    const isKnown = isGiven(seen, key) && Object.hasOwn(members, key);
    merged[key] = isKnown ? merge(members[key], seen[key], member, mayBeMoved) : member;
    isSame &&= isKnown && Object.is(merged[key], members[key]);
  }
  for (const [key, member] of Object.entries(members)) {
    if (Object.hasOwn(changed, key)) {
      continue;
    }
    if (mayBeMoved || isGiven(seen, key)) {
      isSame = false;
    } else {
      merged[key] = member;
    }
  }
  return isSame ? value : merged;
}

/** Whether the plugin left a value as it was. */
function isUnchanged(given: unknown, changed: unknown): boolean {
  const seen = jsonForm(given);
  if (!isObject(seen) || !isObject(changed)) {
    return seen === changed;
  }
  if (Array.isArray(seen) || Array.isArray(changed)) {
    return (
      Array.isArray(seen) &&
      Array.isArray(changed) &&
      seen.length === changed.length &&
      changed.every((item, index) => isUnchanged(elementForm(seen[index]), item))
    );
  }
  const before = seen as JsonRecord;
  const after = changed as JsonRecord;
  return (
    Object.keys(after).every((key) => isGiven(before, key) && isUnchanged(before[key], after[key])) &&
    Object.keys(before).every((key) => Object.hasOwn(after, key) || !isGiven(before, key))
  );
}

/** Whether the plugin could see the member. */
function isGiven(seen: JsonRecord, key: string): boolean {
  return Object.hasOwn(seen, key) && jsonForm(seen[key]) !== undefined;
}

/** What `JSON.stringify` writes for a value: the result of `toJSON`, for one. `undefined` if it leaves the value out. */
function jsonForm(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    const { toJSON } = value as { toJSON?: unknown };
    return typeof toJSON === 'function' ? toJSON.call(value, '') : value;
  }
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : null;
  }
  return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
}

/** The same for an element of an array, which becomes `null` instead of being left out. */
function elementForm(value: unknown): unknown {
  return jsonForm(value) === undefined ? null : value;
}

/** Whether a value may hold something that its JSON does not show. */
function hidesSomething(value: unknown): boolean {
  if (typeof value === 'function') {
    return true;
  }
  if (!isObject(value) || Array.isArray(value) || value instanceof Date || ArrayBuffer.isView(value)) {
    return false;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype !== null && Object.getPrototypeOf(prototype) !== null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
