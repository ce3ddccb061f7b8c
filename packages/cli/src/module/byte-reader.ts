import { MalformedModule } from './malformed-module.js';

/** Reads values of the WebAssembly format one after the other, and never past the end. */
export class ByteReader {
  #at: number;

  constructor(
    readonly bytes: Uint8Array,
    start = 0,
    readonly end = bytes.length,
  ) {
    this.#at = start;
  }

  get at(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.end;
  }

  byte(): number {
    const byte = this.isAtEnd ? undefined : this.bytes[this.#at];
    if (byte === undefined) {
      throw new MalformedModule(`it ends too early, at byte ${this.#at}`);
    }
    this.#at += 1;
    return byte;
  }

  /** An unsigned number of at most 64 bits. Above 2^53 it is not exact. */
  unsigned(): number {
    let value = 0;
    for (let place = 0; place < 10; place += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * place);
      if (byte < 0x80) {
        return value;
      }
    }
    throw new MalformedModule(`a number is too long, at byte ${this.#at}`);
  }

  /** A part of this length, as a reader of its own; this reader goes on after it. */
  part(length: number): ByteReader {
    const start = this.#at;
    this.skip(length);
    return new ByteReader(this.bytes, start, start + length);
  }

  skip(length: number): void {
    if (length > this.end - this.#at) {
      throw new MalformedModule(`it ends too early: ${length} bytes are missing at byte ${this.#at}`);
    }
    this.#at += length;
  }

  /** A text with its length before it. What is not UTF-8 becomes U+FFFD. */
  text(): string {
    return this.part(this.unsigned()).rest();
  }

  /** Everything that is left, as text. */
  rest(): string {
    const bytes = this.bytes.subarray(this.#at, this.end);
    this.#at = this.end;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  }

  /** A list with its length before it. */
  list<T>(item: (index: number) => T): T[] {
    const length = this.unsigned();
    // Each item takes a byte, so a longer list cannot be true.
    if (length > this.end - this.#at) {
      throw new MalformedModule(`a list of ${length} items does not fit, at byte ${this.#at}`);
    }
    return Array.from({ length }, (_, index) => item(index));
  }
}
