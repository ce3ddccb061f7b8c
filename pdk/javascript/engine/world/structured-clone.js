// `structuredClone`, for all that a plugin can have.

const { classOf } = engine;
const { hasOwn, keys, defineProperty } = Object;
const errors = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const views = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];

function refuse(value) {
  let shown = typeof value;
  try {
    shown = typeof value === 'function' ? `the function ${value.name}` : String(value);
  } catch {
    // Its type has to do.
  }
  throw new DOMException(`${shown} could not be cloned.`, 'DataCloneError');
}

const getterOf = (constructor, key) => Object.getOwnPropertyDescriptor(constructor.prototype, key).get;
const source = getterOf(RegExp, 'source');
const { getTime } = Date.prototype;
const { entries: entriesOf } = Map.prototype;
const { values: valuesOf } = Set.prototype;
const unboxed = [Boolean, Number, String, BigInt].map((constructor) => constructor.prototype.valueOf);

function copyBuffer(buffer) {
  return buffer.resizable ? resized(buffer) : buffer.slice(0);
}

function resized(buffer) {
  const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

function copyView(view, clone) {
  const View = views.find((constructor) => view instanceof constructor) ?? refuse(view);
  return new View(clone(view.buffer), view.byteOffset, View === DataView ? view.byteLength : view.length);
}

/** An object around a number, a text and so on. */
function copyBoxed(value) {
  for (const valueOf of unboxed) {
    try {
      return Object(valueOf.call(value));
    } catch {
      // It is another type.
    }
  }
  return refuse(value);
}

function copyOfError(value, clone) {
  const name = String(value.name);
  const error = new (errors[name] ?? Error)();
  delete error.message;
  for (const key of ['message', 'stack', 'cause']) {
    if (key === 'stack' || hasOwn(value, key)) {
      const part = key === 'cause' ? clone(value.cause) : String(value[key]);
      defineProperty(error, key, { value: part, writable: true, configurable: true, enumerable: false });
    }
  }
  return error;
}

/** The copy of an object of a class that contains no others, or few; undefined for the others. */
function copyOfClass(value, kind, clone) {
  switch (kind) {
    case 'Date':
      return new Date(getTime.call(value));
    case 'RegExp':
      return new RegExp(source.call(value), value.flags);
    case 'ArrayBuffer':
      return copyBuffer(value);
    case 'view':
      return copyView(value, clone);
    case 'boxed':
      return copyBoxed(value);
    case 'Error':
      return copyOfError(value, clone);
    default:
      return undefined;
  }
}

function structuredClone(value, options) {
  if (arguments.length === 0) throw new TypeError('structuredClone clones one value');
  if (options?.transfer?.length > 0) {
    throw new DOMException('A plugin has nothing to transfer to.', 'DataCloneError');
  }
  const copies = new Map();

  function clone(original) {
    if (typeof original === 'symbol' || typeof original === 'function') refuse(original);
    if (typeof original !== 'object' || original === null) return original;
    const known = copies.get(original);
    if (known !== undefined) return known;
    const keep = (copy) => {
      copies.set(original, copy);
      return copy;
    };
    const kind = classOf(original) ?? refuse(original);
    const ofClass = copyOfClass(original, kind, clone);
    if (ofClass !== undefined) return keep(ofClass);
    if (kind === 'Map') {
      const copy = keep(new Map());
      for (const [key, entry] of Array.from(entriesOf.call(original))) copy.set(clone(key), clone(entry));
      return copy;
    }
    if (kind === 'Set') {
      const copy = keep(new Set());
      for (const entry of Array.from(valuesOf.call(original))) copy.add(clone(entry));
      return copy;
    }
    const copy = keep(kind === 'Array' ? new Array(original.length) : {});
    for (const key of keys(original)) {
      if (hasOwn(original, key)) {
        defineProperty(copy, key, {
          value: clone(original[key]),
          writable: true,
          configurable: true,
          enumerable: true,
        });
      }
    }
    return copy;
  }

  return clone(value);
}

engine.define({ structuredClone });
