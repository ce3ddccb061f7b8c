import { Random } from '../../random.mjs';

/** Sends requests one after the other, for one tenant, and has its own random numbers. */
export class Client {
  #sent = 0;

  /**
   * @param {string} name
   * @param {object} assignment
   * @param {PluginState} assignment.tenant whose plugin it calls; the tenant is named as that is
   * @param {string} assignment.runtime where that is loaded
   * @param {Map<string, PluginState>} assignment.examples the plugins of pdk/ there, by language
   * @param {number} seed
   *
   * @typedef {import('../plugin-state.mjs').PluginState} PluginState
   */
  constructor(name, { tenant, runtime, examples }, seed) {
    this.name = name;
    this.tenant = tenant;
    this.runtime = runtime;
    this.examples = examples;
    this.random = new Random(seed);
  }

  /** What names one call, and no other of the whole run. Fit for an e-mail address that is normal. */
  token() {
    this.#sent += 1;
    return `${this.name}-${this.#sent}`;
  }

  /** The context of a call; all of it names the call or the client. */
  contextOf(token, input, data = null) {
    return {
      input,
      data,
      user: { id: this.name, role: 'client' },
      headers: { 'x-request-id': token },
      tenant_id: this.tenant.name,
    };
  }

  /** Text that follows from the token; mostly short, at times long, with all that JSON has to escape. */
  padding(token) {
    const length = this.random.pickWeighted([
      [80, 100],
      [17, 8_000],
      [3, 64_000],
    ]);
    const phrase = `${token} says "ä\\😀\u2028\n" {[,:]} `;
    return phrase.repeat(Math.ceil((this.random.next() * length) / phrase.length));
  }
}
