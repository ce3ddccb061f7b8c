// What the scripts of the world use to define globals. `engine` is gone when a plugin's source runs.

engine.define = (values) => {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
};

// Bundles for browsers ask it for the global object.
engine.define({ self: globalThis });

/** Makes the tag of a class's objects, and its members enumerable, as the classes of the web have them. */
engine.describe = (constructor) => {
  const { prototype, name } = constructor;
  for (const [key, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (key !== 'constructor') Object.defineProperty(prototype, key, { ...property, enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
};
