import { setTimeout as sleep } from 'node:timers/promises';
import { TENANTS } from './versions.mjs';

const IN_FLIGHT = 6;
/** Every so many orders, one asks for a job. */
const JOB_EVERY = 10;
const LEAST_MS_APART = 1;
const PATIENCE_MS = 60_000;

/** Sends orders to all servers in turn, and checks every response against its request and the versions that may run. */
export class Orders {
  #ports;
  #versions;
  #isStopped = false;
  #senders = [];
  sent = 0;
  /** Those without a response that accepts them. */
  lost = [];
  /** Responses that belong to another order or tenant, or that two versions made, or one that must not run. */
  mixed = [];
  /** The keys of jobs that a queue has acknowledged. */
  acknowledged = new Set();

  /**
   * @param {number[]} ports of the servers
   * @param {import('./versions.mjs').Versions} versions
   */
  constructor(ports, versions) {
    this.#ports = ports;
    this.#versions = versions;
  }

  start() {
    this.#senders = Array.from({ length: IN_FLIGHT }, () => this.#send());
  }

  async stop() {
    this.#isStopped = true;
    await Promise.all(this.#senders);
  }

  /** The version that a server answers a tenant with. */
  async versionOf(server, tenant) {
    const { before } = await this.#order(this.#ports[server], tenant, { id: -1 });
    return before;
  }

  async #send() {
    while (!this.#isStopped) {
      const id = this.sent;
      this.sent += 1;
      const tenant = TENANTS[id % TENANTS.length];
      const wantsJob = id % JOB_EVERY === 0;
      const port = this.#ports[Math.floor(id / TENANTS.length) % this.#ports.length];
      try {
        const answer = await this.#order(port, tenant, { id, wantsJob });
        const { good } = this.#versions;
        if (answer.id !== id || answer.before !== answer.after || answer.job !== id || !good.has(answer.before)) {
          this.mixed.push(`${tenant} ${id}: ${JSON.stringify(answer)}`);
        } else if (wantsJob) {
          this.acknowledged.add(`order-${id}`);
        }
      } catch (error) {
        this.lost.push(`${tenant} ${id}: ${error.cause?.code ?? error.message}`);
      }
      await sleep(LEAST_MS_APART);
    }
  }

  async #order(port, tenant, order) {
    const response = await fetch(`http://127.0.0.1:${port}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tenant': tenant },
      body: JSON.stringify(order),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const text = await response.text();
    if (response.status !== 200) {
      throw new Error(`${response.status} ${text}`);
    }
    return JSON.parse(text);
  }
}
