const decoder = new TextDecoder('utf-8', { fatal: true });

/** A plugin in V8, called as hookcell calls it: by the same contract, and in a new instance for each call. */
export class Guest {
  #module;

  /** @param {WebAssembly.Module} module */
  constructor(module) {
    this.#module = module;
  }

  /**
   * Calls a hook with a context. An answer that tells what was thrown is a fault.
   *
   * @param {string} hook
   * @param {string} context JSON
   * @returns {{ answer: unknown } | { fault: string }}
   */
  call(hook, context) {
    const outcome = outcomeOf(() => callIn(this.#instantiate(), hook, context));
    const thrown = outcome.answer?.thrown;
    return thrown === undefined ? outcome : { fault: thrown.message };
  }

  /**
   * Calls a hook, and reads its log also if it failed. A plugin that told what it threw gives that instead of an answer.
   *
   * @returns {{ answer: unknown, log: object[] } | { fault: string, log: object[] }}
   */
  callAndLog(hook, context) {
    const instance = this.#instantiate();
    const outcome = outcomeOf(() => callIn(instance, hook, context));
    const log = readLog(instance);
    const told = outcome.answer?.thrown;
    if (told !== undefined) {
      // `ValueError: no` is the message `no` of a ValueError.
      return { answer: { thrown: told.message.replace(`${told.name}: `, '') }, log };
    }
    const { thrown } = log.at(-1) ?? {};
    return thrown === undefined ? { ...outcome, log } : { answer: { thrown: thrown.message }, log: log.slice(0, -1) };
  }

  /** Calls a hook with a context at an address that the caller chooses. */
  callAt(hook, pointer, length) {
    return outcomeOf(() => {
      const { memory, [hook]: run } = this.#instantiate();
      return readAnswer(memory, run(pointer, length));
    });
  }

  /** The number of bytes by which the memory grows in a call. */
  growth(hook, context) {
    return outcomeOf(() => {
      const instance = this.#instantiate();
      const before = instance.memory.buffer.byteLength;
      callIn(instance, hook, context);
      return instance.memory.buffer.byteLength - before;
    });
  }

  /** What `alloc` returns for a size. */
  alloc(size) {
    return outcomeOf(() => unsigned(this.#instantiate().alloc(size)));
  }

  #instantiate() {
    return new WebAssembly.Instance(this.#module).exports;
  }
}

function callIn(instance, hook, context) {
  const { alloc, memory, [hook]: run } = instance;
  const bytes = new TextEncoder().encode(context);
  const pointer = unsigned(alloc(bytes.length));
  new Uint8Array(memory.buffer, pointer, bytes.length).set(bytes);
  return readAnswer(memory, run(pointer, bytes.length));
}

function outcomeOf(ask) {
  try {
    return { answer: ask() };
  } catch (error) {
    return { fault: error.message };
  }
}

function readAnswer(memory, packed) {
  const answer = BigInt.asUintN(64, packed);
  const pointer = Number(answer / 2n ** 32n);
  const length = Number(answer % 2n ** 32n);
  if (length === 0) {
    return { ok: true };
  }
  return JSON.parse(decoder.decode(new Uint8Array(memory.buffer, pointer, length)));
}

/** The lines at the optional globals `log_ptr` and `log_len`, which are mutable, or hold the addresses of two variables. */
function readLog({ memory, log_ptr: pointer, log_len: length }) {
  if (pointer === undefined || length === undefined) {
    return [];
  }
  const [start, size] = [pointer, length].map((global) =>
    isMutable(global) ? unsigned(global.value) : new DataView(memory.buffer).getUint32(unsigned(global.value), true),
  );
  const text = decoder.decode(new Uint8Array(memory.buffer, start, size));
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function isMutable(global) {
  try {
    global.value = Number(global.value);
    return true;
  } catch {
    return false;
  }
}

function unsigned(value) {
  return Number(BigInt.asUintN(32, BigInt(value)));
}
