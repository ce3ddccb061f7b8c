/**
 * The outcome of the hooks of one request.
 *
 * @typedef {object} HookOutcome
 * @property {string} outcome `accepted`, `rejected` or the code of a fault
 * @property {string} [fault] what went wrong, if a plugin faulted
 * @property {number} ms their time together, including their wait for a thread
 * @property {number} [fuel] their fuel together; omitted if a trap lost the count
 * @property {number} memoryBytes the most memory of one of them
 */

/**
 * A runtime that remembers the outcome of each call until it is taken. The middleware accepts any object with a `callHook`.
 * The header `x-request-id` in the context identifies the request of a call.
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
   * Takes the outcome of a request's hooks; undefined if no hook was called.
   *
   * @returns {HookOutcome | undefined}
   */
  take(requestId) {
    const results = this.#results.get(requestId);
    this.#results.delete(requestId);
    return results && summarize(results);
  }
}

function summarize(results) {
  // The first hook that does not accept is the last one that is called.
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
