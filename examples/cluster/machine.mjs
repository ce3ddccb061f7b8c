import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** A process that stands for a machine. */
export class Machine {
  #process;
  #messages = [];
  #listeners = new Set();

  /**
   * @param {string} file what it runs, in this folder
   * @param {object} settings for it
   */
  constructor(file, settings) {
    this.#process = fork(path.join(import.meta.dirname, file), [JSON.stringify(settings)]);
    this.#process.on('message', (message) => {
      this.#messages.push(message);
      this.#tell();
    });
    this.#process.on('exit', () => this.#tell());
  }

  /** Resolves the first message that passes, from now on or before, and forgets it. */
  async message(isIt) {
    for (;;) {
      const index = this.#messages.findIndex((message) => isIt(message));
      if (index !== -1) {
        return this.#messages.splice(index, 1)[0];
      }
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
        throw new Error('a process ended before it was told to');
      }
      await new Promise((resolve) => this.#listeners.add(resolve));
    }
  }

  send(message) {
    this.#process.send(message);
  }

  /** Lets it end what it does. */
  async stop() {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await ended;
    }
    return this.#process.exitCode;
  }

  /** Ends it at once. */
  kill() {
    this.#process.kill('SIGKILL');
  }

  #tell() {
    for (const listener of this.#listeners) {
      this.#listeners.delete(listener);
      listener();
    }
  }
}
