import { JsonObject } from './object';
import { Output } from './output';
import { skipSpace, skipValue, unescaped } from './scan';

/** A JSON value that stays the text that it came in: it costs nothing until you read it, and a number keeps all its digits. */
export class Value {
  constructor(
    /** The address of the JSON text. */
    readonly ptr: usize,
    /** Its length in bytes. */
    readonly len: usize,
  ) {}

  /** `null`. */
  static nothing(): Value {
    return Value.json('null');
  }

  /** The value of a string, a number, a boolean, an object, a list of them, or a value. */
  static of<T>(value: T): Value {
    if (isReference<T>()) {
      if (value instanceof Value) return value;
    }
    const output = new Output(64);
    Value.write<T>(output, value);
    return new Value(output.ptr, output.len);
  }

  /** The value that a JSON text describes. */
  static json(text: string): Value {
    const bytes = String.UTF8.encode(text);
    return new Value(changetype<usize>(bytes), bytes.byteLength);
  }

  static write<T>(output: Output, value: T): void {
    if (isString<T>()) {
      output.quoted(<string>value);
    } else if (isBoolean<T>()) {
      output.ascii(value ? 'true' : 'false');
    } else if (isFloat<T>()) {
      // JSON has neither infinity nor NaN.
      if (!isFinite(value)) throw new Error('a number is not finite, and cannot be JSON');
      const text = value.toString();
      output.ascii(text.endsWith('.0') ? text.substring(0, text.length - 2) : text);
    } else if (isInteger<T>()) {
      output.ascii(value.toString());
    } else if (isArray<T>()) {
      output.byte(0x5b);
      for (let i = 0; i < value.length; i++) {
        if (i > 0) output.byte(0x2c);
        Value.write<valueof<T>>(output, value[i]);
      }
      output.byte(0x5d);
    } else if (value instanceof Value) {
      output.bytes(value.ptr, value.len);
    } else if (value instanceof JsonObject) {
      value.writeTo(output);
    } else {
      ERROR('this type cannot be JSON: use a string, a number, a bool, a Value, a JsonObject, or a list of them');
    }
  }

  get isNull(): bool {
    return load<u8>(this.ptr) == 0x6e;
  }

  get isString(): bool {
    return load<u8>(this.ptr) == 0x22;
  }

  get isNumber(): bool {
    const first = load<u8>(this.ptr);
    return first == 0x2d || (first >= 0x30 && first <= 0x39);
  }

  get isTrue(): bool {
    return load<u8>(this.ptr) == 0x74;
  }

  /** The characters of a string; null if this is none. */
  get string(): string | null {
    return this.isString ? unescaped(this.ptr + 1, this.len - 2) : null;
  }

  /** A number; NaN if this is none. */
  get number(): f64 {
    return this.isNumber ? F64.parseFloat(this.text) : NaN;
  }

  /** An object; null if this is none. */
  get object(): JsonObject | null {
    return load<u8>(this.ptr) == 0x7b ? JsonObject.read(this.ptr, this.len) : null;
  }

  /** The items of a list; null if this is none. */
  get items(): Value[] | null {
    if (load<u8>(this.ptr) != 0x5b) return null;
    const items: Value[] = [];
    const end = this.ptr + this.len;
    let at = skipSpace(this.ptr + 1, end);
    while (load<u8>(at) != 0x5d) {
      const start = at;
      at = skipValue(at, end);
      items.push(new Value(start, at - start));
      at = skipSpace(at, end);
      if (load<u8>(at) == 0x2c) at = skipSpace(at + 1, end);
    }
    return items;
  }

  /** The JSON text. */
  get text(): string {
    return String.UTF8.decodeUnsafe(this.ptr, this.len);
  }
}
