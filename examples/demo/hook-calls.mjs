/**
 * What the hooks of one request came to.
 *
 * @typedef {object} HookOutcome
 * @property {string} outcome `accepted`, `rejected` or the code of a fault
 * @property {string} [fault] what went wrong, where one failed
 * @property {number} ms they took, together and with their wait for a thread
 * @property {number} [fuel] they used, together; left out where a trap lost the count
 * @property {number} memoryBytes of the one that had the most
 */

/**
 * A runtime that remembers how each call ended, until somebody asks for it. Any object with a `callHook` will do for
 * the middleware, and the header `x-request-id` in the context says which request a call was for.
 */
export class HookCalls {
  #runtime;
  #results = new Map();

  /** @param {import('hookcell').WasmRuntime} runtime */
  constructor(runtime) {
    this.#runtime = runtime;
  }

  async callHook(plugin, hook, context, options) {
    const result = await this.#runtime.callHook(plugin, hook, context, options);
    const requestId = context.headers['x-request-id'];
    this.#results.set(requestId, [...(this.#results.get(requestId) ?? []), result]);
    return result;
  }

  /**
   * Takes out what the hooks of a request came to; undefined where none was called.
   *
   * @returns {HookOutcome | undefined}
   */
  take(requestId) {
    const results = this.#results.get(requestId);
    this.#results.delete(requestId);
    return results && summarise(results);
  }
}

function summarise(results) {
  // The first hook that does not accept is the last that is called.
  const { ok, fault } = results.at(-1);
  const usages = results.map(({ usage }) => usage);
  return {
    outcome: ok ? 'accepted' : (fault?.code ?? 'rejected'),
    fault: fault?.message,
    ms: sum(usages.map(({ queueMs, runMs }) => queueMs + runMs)),
    fuel: usages.some(({ fuel }) => fuel === null) ? undefined : sum(usages.map(({ fuel }) => fuel)),
    memoryBytes: Math.max(...usages.map(({ memoryBytes }) => memoryBytes)),
  };
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
