// JSON that the engine reads and writes: as V8 does, for any text.

import { emptyContext, Engine } from '../../pdk/javascript/compare/engine.mjs';
import { Instance } from '../../pdk/javascript/compare/instance.mjs';

/** What the plugin does with a text: reads it, and writes what the host read of it, in three ways. */
function hook({ input: { text, value } }) {
  const read = () => {
    try {
      return JSON.stringify(JSON.parse(text));
    } catch (error) {
      return error.name;
    }
  };
  return { data: [value, read(), JSON.stringify(value), JSON.stringify({ value }, null, 1)] };
}

// prettier-ignore
const numbers = ['0', '-0', '1', '-1', '0.1', '1e400', '-1e-400', '5e-324', '1E+2', '4294967295', '4294967296', '2147483648', '-2147483649', '9007199254740993'];
// prettier-ignore
const odd = [...numbers, '1.7976931348623157e308', '0.000001', '1e-7', '1e21', '123456789012345680000', '01', '.5', '1.', '+1', '0x1', '1e', '-', 'NaN', '12345678901234567890.12345678901234567890'];
// prettier-ignore
const texts = ['', 'a', 'length', '__proto__', 'constructor', 'toJSON', 'value', '0', '1', '-1', '4294967294', '4294967295', '007', 'é', '€', '😀', '日本', '\u2028', '\u007f', '\ufeff', '\u00ff', '\u0100', 'x'.repeat(300), 'é'.repeat(99)];
// prettier-ignore
const escapes = ['\\n', '\\"', '\\\\', '\\/', '\\b', '\\f', '\\r', '\\t', '\\u0000', '\\u0041', '\\ud83d\\ude00', '\\ud800', '\\udc00', '\\uDBFF\\u0041', '\\u00e9', '\\x41', '\\u12', '\\'];
// prettier-ignore
const pieces = ['{', '}', '[', ']', ',', ':', '"', '\\', ' ', '\n', '\t', '\r', '\v', '\u00a0', '\ufeff', '\0', '\u001f', 'true', 'false', 'null', 'nul', 'undefined', '//', '/**/', "'", ...numbers];

const callsOfAnInstance = 100;

/** Compares text after text. */
export class JsonTarget {
  #engine;
  #wasm;
  #instance;
  #calls = 0;

  static async prepare() {
    const target = new JsonTarget();
    target.#engine = await Engine.load();
    ({ wasm: target.#wasm } = await target.#engine.plugin(`export const before_hook = ${hook.toString()};`));
    return target;
  }

  /**
   * The difference that a random text shows, or undefined.
   *
   * @param {import('../../pdk/javascript/compare/random.mjs').Random} random
   */
  async run(random) {
    const text = random.below(3) === 0 ? anyValue(random, 5) : mutated(random, anyValue(random, 5));
    const context = contextOf(text);
    const engine = this.#inEngine(context);
    const v8 = JSON.stringify({ ok: true, ctx: hook(JSON.parse(context)) });
    // The texts are compared, so the order of keys and the form of numbers count too.
    return engine === v8 ? undefined : { text, engine, v8 };
  }

  close() {
    return this.#engine.close();
  }

  #inEngine(context) {
    if (this.#calls++ % callsOfAnInstance === 0) {
      this.#instance = new Instance(this.#wasm);
    }
    return this.#instance.call(context);
  }
}

/** A context with the text as a string and, if it is JSON, as what it says: the host sends nothing else. */
function contextOf(text) {
  const rest = JSON.stringify({ ...emptyContext, input: { text } });
  try {
    JSON.parse(text);
  } catch {
    return rest;
  }
  return rest.replace('"input":{', () => `"input":{"value":${text},`);
}

/** JSON, or nearly. */
function anyValue(random, depth) {
  const kind = random.below(depth > 0 ? 12 : 6);
  if (kind < 2) {
    return random.of(random.below(8) === 0 ? odd : numbers);
  }
  if (kind < 4) {
    return string(random);
  }
  if (kind < 6) {
    return random.below(3) === 0 ? number(random) : random.of(['true', 'false', 'null']);
  }
  const space = () => (random.below(6) === 0 ? random.of([' ', '\n', '\t', '  ', '\r\n']) : '');
  const inner = () => `${space()}${anyValue(random, depth - 1)}${space()}`;
  return kind < 9
    ? `[${random.many(0, 5, inner).join()}]`
    : `{${random.many(0, 6, () => `${space()}${string(random)}${space()}:${inner()}`).join()}}`;
}

/** A number of any bits, or of a few digits. */
function number(random) {
  const bits = new Uint32Array([random.below(2 ** 32), random.below(2 ** 32)]);
  const [any] = new Float64Array(bits.buffer);
  // prettier-ignore
  return random.below(2) === 0 && Number.isFinite(any) ? `${any}` : `${random.below(10_000)}.${random.below(1000)}e${random.below(60) - 30}`;
}

function string(random) {
  const part = () => random.of(random.below(3) === 0 ? escapes : texts);
  return `"${random.many(0, 3, part).join('')}"`;
}

/** The text with a few pieces inserted, removed or repeated. */
function mutated(random, text) {
  let changed = text;
  for (const at of random.many(1, 3, () => random.below(changed.length + 1))) {
    const rest = changed.slice(at + random.below(2) * random.below(5));
    const piece = random.of([random.of(pieces), random.of(escapes), changed.slice(at, at + random.below(9)), '']);
    changed = `${changed.slice(0, at)}${piece}${rest}`;
  }
  // UTF-8, which the host sends, has no half of a pair.
  return changed.toWellFormed();
}
