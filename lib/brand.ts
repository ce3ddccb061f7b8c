/**
 * Marks the instances of a class, and has `instanceof` go by the mark. A process may hold several copies of this package
 * (a monorepo, Jest's module registry, a bundle), each with classes of its own: what one copy made, the others know.
 *
 * No plugin can forge a mark: JSON has no symbols.
 *
 * @param name - the same in every copy
 */
export function brand(constructor: { readonly prototype: object }, name: string): void {
  const mark = Symbol.for(`hookcell.${name}`);
  Object.defineProperty(constructor.prototype, mark, { value: true });
  Object.defineProperty(constructor, Symbol.hasInstance, {
    value(this: unknown, value: unknown): boolean {
      // A subclass inherits this, and means its own instances.
      return this === constructor ? isMarked(value, mark) : hasInstance.call(this, value);
    },
  });
}

const hasInstance = Reflect.get(Function.prototype, Symbol.hasInstance) as (value: unknown) => boolean;

function isMarked(value: unknown, mark: symbol): boolean {
  return typeof value === 'object' && value !== null && mark in value;
}
