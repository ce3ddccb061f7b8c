// `structuredClone`, for all that a plugin can have.

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

/** Whether this is an object of that class, whatever its prototype is. */
function isOf(value, getter, ...more) {
  try {
    getter.call(value, ...more);
    return true;
  } catch {
    return false;
  }
}

const getterOf = (constructor, key) => Object.getOwnPropertyDescriptor(constructor.prototype, key).get;
const mapSize = getterOf(Map, 'size');
const setSize = getterOf(Set, 'size');
const bufferLength = getterOf(ArrayBuffer, 'byteLength');
const source = getterOf(RegExp, 'source');
const { getTime } = Date.prototype;
const boxed = [Boolean, Number, String, BigInt].map((constructor) => constructor.prototype.valueOf);
const uncloneable = [Promise, WeakMap, WeakSet, WeakRef, FinalizationRegistry];

function copyBuffer(buffer) {
  return buffer.resizable ? resized(buffer) : buffer.slice(0);
}

function resized(buffer) {
  const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

/** The copy of an object of a built-in class, without what it contains; undefined if it is of no such class. */
function copyOfClass(value, clone) {
  if (isOf(value, getTime)) return new Date(getTime.call(value));
  if (value !== RegExp.prototype && isOf(value, source)) return new RegExp(source.call(value), value.flags);
  if (isOf(value, bufferLength)) return copyBuffer(value);
  if (ArrayBuffer.isView(value)) {
    const View = views.find((constructor) => value instanceof constructor) ?? refuse(value);
    const buffer = clone(value.buffer);
    return new View(buffer, value.byteOffset, View === DataView ? value.byteLength : value.length);
  }
  for (const valueOf of boxed) {
    if (isOf(value, valueOf)) return Object(valueOf.call(value));
  }
  return undefined;
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
    const ofClass = copyOfClass(original, clone);
    if (ofClass !== undefined) return keep(ofClass);
    if (isOf(original, mapSize)) {
      const copy = keep(new Map());
      for (const [key, entry] of Array.from(Map.prototype.entries.call(original))) copy.set(clone(key), clone(entry));
      return copy;
    }
    if (isOf(original, setSize)) {
      const copy = keep(new Set());
      for (const entry of Array.from(Set.prototype.values.call(original))) copy.add(clone(entry));
      return copy;
    }
    if (Error.isError(original)) return keep(copyOfError(original, clone));
    if (uncloneable.some((constructor) => original instanceof constructor)) refuse(original);
    const copy = keep(Array.isArray(original) ? new Array(original.length) : {});
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
