// A plugin that V8 runs.

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A plugin in an instance of V8's, in which calls follow each other, as the host never does it. */
export class Instance {
  #exports;

  constructor(wasm) {
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
  }

  /**
   * The text that `before_hook` answers.
   *
   * @param {string} context JSON
   */
  call(context) {
    const { alloc, memory, before_hook } = this.#exports;
    const input = encoder.encode(context);
    const at = alloc(input.length) >>> 0;
    new Uint8Array(memory.buffer, at, input.length).set(input);
    const answer = BigInt.asUintN(64, before_hook(at, input.length));
    return decoder.decode(new Uint8Array(memory.buffer, Number(answer >> 32n), Number(answer & 0xff_ff_ff_ffn)));
  }
}
