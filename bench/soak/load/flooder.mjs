import { setTimeout as sleep } from 'node:timers/promises';
import { flood, floodByExpress } from './requests.mjs';

const CALLS = 200;
const REQUESTS = 120;
const LONGEST_PAUSE_MS = 1_000;

/** A tenant that now and then sends many times what it may. */
export class Flooder {
  #client;
  #send;

  /**
   * @param {import('./client.mjs').Client} client
   * @param {(request: import('./requests.mjs').Request) => Promise<void>} send
   */
  constructor(client, send) {
    this.#client = client;
    this.#send = send;
  }

  async sendEveryKind() {
    await this.#floodByCalls();
    await this.#floodByExpress();
  }

  async sendNext() {
    await sleep(this.#client.random.below(LONGEST_PAUSE_MS));
    await (this.#client.random.chance(0.5) ? this.#floodByCalls() : this.#floodByExpress());
  }

  async #floodByCalls() {
    await this.#send(flood(this.#client, CALLS));
  }

  async #floodByExpress() {
    await Promise.all(Array.from({ length: REQUESTS }, () => this.#send(floodByExpress(this.#client))));
  }
}
