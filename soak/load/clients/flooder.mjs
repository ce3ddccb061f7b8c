import { setTimeout as sleep } from 'node:timers/promises';
import { flood, floodByExpress, floodWithLargeResults } from '../requests/requests.mjs';

const CALLS = 200;
const REQUESTS = 120;
const LARGE_RESULTS = 60;
const LONGEST_PAUSE_MS = 1_000;

/** A tenant that sometimes sends many times what it may. */
export class Flooder {
  #client;
  #send;

  /**
   * @param {import('./client.mjs').Client} client
   * @param {(request: import('../requests/requests.mjs').Request) => Promise<void>} send
   */
  constructor(client, send) {
    this.#client = client;
    this.#send = send;
  }

  async sendEveryKind() {
    await this.#floodByCalls();
    await this.#floodByExpress();
    await this.#floodWithLargeResults();
  }

  async sendNext() {
    await sleep(this.#client.random.below(LONGEST_PAUSE_MS));
    const action = this.#client.random.pick([
      () => this.#floodByCalls(),
      () => this.#floodByExpress(),
      () => this.#floodWithLargeResults(),
    ]);
    await action();
  }

  async #floodByCalls() {
    await this.#send(flood(this.#client, CALLS));
  }

  /** Floods with two marks at once. No result with one mark may have a row with the other. */
  async #floodWithLargeResults() {
    await Promise.all(['a', 'b'].map((mark) => this.#send(floodWithLargeResults(this.#client, mark, LARGE_RESULTS))));
  }

  async #floodByExpress() {
    await Promise.all(Array.from({ length: REQUESTS }, () => this.#send(floodByExpress(this.#client))));
  }
}
