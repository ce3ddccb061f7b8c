// The types of a module's exports, which the JavaScript API of WebAssembly does not provide. It only reads modules that the
// engine has compiled, so it does not repeat the engine's checks.

const valueTypes = new Map([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x70, 'funcref'],
  [0x6f, 'externref'],
]);
const functionType = 0x60;
const section = { type: 1, function: 3, memory: 5, export: 7 };

/**
 * The exports by name, each as `(i32) -> i32`, `memory of 1 page`, `global` or `table`.
 *
 * @param {Uint8Array} bytes a module without imports
 * @returns {Map<string, string>}
 */
export function readSignatures(bytes) {
  const sections = readSections(bytes);
  const types = sections.get(section.type)?.list(readFunctionType) ?? [];
  const functions = sections.get(section.function)?.list((reader) => types[reader.number()]) ?? [];
  const memories = sections.get(section.memory)?.list(readMemoryType) ?? [];
  const kinds = [(index) => functions[index], () => 'table', (index) => memories[index], () => 'global', () => 'tag'];
  const exported = sections.get(section.export)?.list((reader) => {
    const name = reader.text();
    const kind = kinds[reader.byte()];
    return [name, kind(reader.number())];
  });
  return new Map(exported);
}

function readSections(bytes) {
  const sections = new Map();
  const reader = new Reader(bytes);
  reader.take('\0asm'.length + Uint32Array.BYTES_PER_ELEMENT);
  while (!reader.isAtEnd()) {
    sections.set(reader.byte(), new Reader(reader.take(reader.number())));
  }
  return sections;
}

function readFunctionType(reader) {
  if (reader.byte() !== functionType) {
    throw new Error('the module defines a type that is not a function type, which no plugin needs');
  }
  const [parameters, results] = [reader.list(readValueType), reader.list(readValueType)];
  return `(${parameters.join(', ')}) -> ${results.length === 1 ? results[0] : `(${results.join(', ')})`}`;
}

function readValueType(reader) {
  return valueTypes.get(reader.byte()) ?? 'another type';
}

function readMemoryType(reader) {
  const flags = reader.byte();
  const pages = reader.number();
  // Flag 1: the maximum size follows.
  if (flags % 2 === 1) {
    reader.number();
  }
  const kind = ['', 'shared ', '64-bit ', 'shared 64-bit '][Math.floor(flags / 2)];
  return `${kind}memory of ${pages} ${pages === 1 ? 'page' : 'pages'}`;
}

class Reader {
  #bytes;
  #position = 0;

  constructor(bytes) {
    this.#bytes = bytes;
  }

  isAtEnd() {
    return this.#position === this.#bytes.length;
  }

  byte() {
    this.#position += 1;
    return this.#bytes[this.#position - 1];
  }

  take(length) {
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  /** LEB128, unsigned. */
  number() {
    let value = 0;
    let scale = 1;
    let byte = this.byte();
    while (byte >= 128) {
      value += (byte - 128) * scale;
      scale *= 128;
      byte = this.byte();
    }
    return value + byte * scale;
  }

  text() {
    return new TextDecoder().decode(this.take(this.number()));
  }

  list(readOne) {
    return Array.from({ length: this.number() }, () => readOne(this));
  }
}
