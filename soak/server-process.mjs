import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LIBUV_THREADS } from './targets.mjs';

const PROGRAM = fileURLToPath(new URL('server/main.mjs', import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BETWEEN_LOOKS_MS = 20;

/** The process under load, seen from its parent. */
export class ServerProcess {
  #child;
  #answers = new Map();
  #lastNumber = 0;
  #ended;
  #ending;

  constructor() {
    this.#child = fork(PROGRAM, {
      cwd: ROOT,
      execArgv: ['--expose-gc'],
      env: { ...process.env, UV_THREADPOOL_SIZE: String(LIBUV_THREADS) },
    });
    this.#child.on('message', ({ number, answer }) => {
      this.#answers.get(number).resolve(answer);
      this.#answers.delete(number);
    });
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      this.#ending = signal ?? `exit code ${code}`;
      for (const { reject } of this.#answers.values()) {
        reject(this.#endedError());
      }
      return this.#ending;
    });
  }

  /** @returns {Promise<string>} its URL */
  start() {
    return this.#ask('start');
  }

  /** Resets its measurements. */
  restart() {
    return this.#ask('restart');
  }

  sampleMemory() {
    return this.#ask('sampleMemory');
  }

  /** @returns {Promise<object>} its measurements and counts */
  read() {
    return this.#ask('read');
  }

  /**
   * Its measurements and counts, when no call is in progress any more.
   *
   * @param {number} patienceMs the most time to wait for that
   */
  async readWhenSettled(patienceMs) {
    const end = performance.now() + patienceMs;
    let counts = await this.read();
    while (counts.started !== counts.settled && performance.now() < end) {
      await sleep(BETWEEN_LOOKS_MS);
      counts = await this.read();
    }
    return counts;
  }

  /**
   * Closes the server. Its process must then end by itself.
   *
   * @param {number} patienceMs the most time to wait
   * @returns {Promise<string>} how it ended
   */
  async close(patienceMs) {
    return Promise.race([this.#close(), sleep(patienceMs, 'SIGKILL: it did not end by itself', { ref: false })]);
  }

  async #close() {
    await this.#ask('close');
    this.#child.disconnect();
    return this.#ended;
  }

  kill() {
    this.#child.kill('SIGKILL');
  }

  #ask(question) {
    if (this.#ending !== undefined) {
      return Promise.reject(this.#endedError());
    }
    this.#lastNumber += 1;
    const number = this.#lastNumber;
    return new Promise((resolve, reject) => {
      this.#answers.set(number, { resolve, reject });
      // If the message cannot be sent, the process has ended, which is reported elsewhere.
      this.#child.send({ number, question }, () => {});
    });
  }

  #endedError() {
    return new Error(`the server has ended with ${this.#ending}`);
  }
}
