/**
 * Marks the instances of a class, and makes `instanceof` check the mark. A process can hold several copies of this package
 * (a monorepo, Jest's module registry, a bundle), each with its own classes. The mark lets each copy recognize the
 * instances of the others.
 *
 * A plugin cannot forge a mark, because JSON has no symbols.
 *
 * @param name - the same in every copy
 */
export function brand(constructor: { readonly prototype: object }, name: string): void {
  const mark = Symbol.for(`hookcell.${name}`);
  Object.defineProperty(constructor.prototype, mark, { value: true });
  Object.defineProperty(constructor, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      // A subclass inherits this method, but only its own instances count.
      return this === constructor ? isMarked(value, mark) : hasInstance.call(this, value);
    },
  });
}

const hasInstance = Reflect.get(Function.prototype, Symbol.hasInstance) as (value: unknown) => boolean;

function isMarked(value: unknown, mark: symbol): boolean {
  return typeof value === 'object' && value !== null && mark in value;
}
