import { Random } from '../../random.mjs';

/** Sends requests one after the other, for one tenant, and has its own random numbers. */
export class Client {
  #sent = 0;

  /**
   * @param {string} name
   * @param {object} assignment
   * @param {PluginState} assignment.tenant whose plugin it calls; plugin and tenant have the same name
   * @param {string} assignment.runtime the runtime with that plugin
   * @param {Map<string, PluginState>} assignment.examples the plugins of pdk/ in that runtime, by language
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

  /** A name for one call, unique in the whole run. It can be part of a normalized e-mail address. */
  token() {
    this.#sent += 1;
    return `${this.name}-${this.#sent}`;
  }

  /** The context of a call. Every part of it contains the name of the call or the client. */
  contextOf(token, input, data = null) {
    return {
      input,
      data,
      user: { id: this.name, role: 'client' },
      headers: { 'x-request-id': token },
      tenant_id: this.tenant.name,
    };
  }

  /** Text computed from the token. It is mostly short, sometimes long, and has every character that JSON must escape. */
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
