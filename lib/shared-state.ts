/**
 * What all copies of this package in a process have in common, each of which finds it here. The name changes with the
 * shape of the state, so that copies of different versions never read each other's.
 *
 * @param name - what it is, and the version of its shape: `exit-hooks/1`
 * @param make - what the first copy starts with
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
