/**
 * State that all copies of this package in a process share. The name changes with the shape of the state, so that copies
 * of different versions never share it.
 *
 * @param name - the name, and the version of its shape: `exit-hooks/1`
 * @param make - makes the state, for the first copy
 */
export function sharedState<T extends object>(name: string, make: () => T): T {
  const key = Symbol.for(`hookcell.${name}`);
  const existing = Reflect.get(globalThis, key) as T | undefined;
  if (existing !== undefined) {
    return existing;
  }
  const state = make();
  Object.defineProperty(globalThis, key, { value: state });
  return state;
}
