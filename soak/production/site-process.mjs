import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a process may take to say what it is expected to say. */
const PATIENCE_MS = 60_000;

/** A process of the site, seen from here. */
export class SiteProcess {
  #child;

  constructor(file, settings) {
    this.#child = fork(file, [JSON.stringify(settings)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  }

  /** Resolves the next message with this event, or any message for `undefined`. */
  async next(event) {
    return await new Promise((resolve, reject) => {
      const limit = setTimeout(() => settle(reject, new Error(`a process does not say ${event}`)), PATIENCE_MS);
      const onMessage = (message) => (event === undefined || message.event === event) && settle(resolve, message);
      const onExit = (code, signal) =>
        settle(reject, new Error(`a process ended with ${signal ?? `exit code ${code}`}`));
      const settle = (how, value) => {
        clearTimeout(limit);
        this.#child.off('message', onMessage).off('exit', onExit);
        how(value);
      };
      this.#child.on('message', onMessage).on('exit', onExit);
    });
  }

  send(message) {
    this.#child.send(message);
  }

  async stop(patienceMs) {
    const ended = once(this.#child, 'exit').then(([code, signal]) => signal ?? `exit code ${code}`);
    this.#child.kill('SIGTERM');
    return await Promise.race([ended, sleep(patienceMs, 'it did not end by itself', { ref: false })]);
  }

  async kill() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
  }
}
