import { ClientLeft } from './client-left.js';

/** What is needed of a response to see its client leave; that of Node, of HTTP/2, and of every framework fit. */
export interface WatchedResponse {
  readonly destroyed?: boolean | undefined;
  readonly writableFinished?: boolean | undefined;
  once?(event: 'close', listener: () => void): unknown;
  off?(event: 'close', listener: () => void): unknown;
}

/** Watches whether the client of a request is still there, until it is told to stop. */
export class ClientWatch {
  readonly #response: WatchedResponse;
  readonly #leaves = new AbortController();

  constructor(response: WatchedResponse) {
    this.#response = response;
    if (response.destroyed) {
      this.#look();
    } else {
      response.once?.('close', this.#look);
    }
  }

  /** Aborts with {@link ClientLeft} when the client leaves. */
  get signal(): AbortSignal {
    return this.#leaves.signal;
  }

  /** Stops watching: from now on the work is done for itself. */
  stop(): void {
    this.#response.off?.('close', this.#look);
  }

  /** A response closes as well when it has reached its client. */
  readonly #look = () => {
    if (!this.#response.writableFinished) {
      this.#leaves.abort(new ClientLeft());
    }
  };
}
