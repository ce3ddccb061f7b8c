import { onSocketClose } from './socket-close.js';
import type { ClosingSocket } from './socket-close.js';

/** Why the hooks of a request are given up: nobody waits for the answer. */
export class ClientLeft extends Error {
  constructor() {
    super('the client has left before the hooks before the handler ended');
  }
}

/** What is needed of a response to see its client leave; that of Node, of HTTP/2, and of every framework fit. */
export interface WatchedResponse {
  readonly destroyed?: boolean | undefined;
  readonly writableEnded?: boolean | undefined;
  readonly writableFinished?: boolean | undefined;
  once?(event: 'close', listener: () => void): unknown;
  off?(event: 'close', listener: () => void): unknown;
}

/** Watches whether the client of a request is still there, until it is told to stop. */
export class ClientWatch {
  readonly #response: WatchedResponse;
  readonly #leaves = new AbortController();
  readonly #stopSocket: (() => void) | undefined;

  constructor(response: WatchedResponse) {
    this.#response = response;
    const socket = laterSocket(response);
    if (response.destroyed || socket?.destroyed) {
      this.#look();
    } else {
      response.once?.('close', this.#look);
      this.#stopSocket = socket && onSocketClose(socket, this.#look);
    }
  }

  /** Aborts with {@link ClientLeft} when the client leaves. */
  get signal(): AbortSignal {
    return this.#leaves.signal;
  }

  /** Stops watching: from now on the work is done for itself. */
  stop(): void {
    this.#response.off?.('close', this.#look);
    this.#stopSocket?.();
  }

  /** A response closes as well when it has reached its client. One of HTTP/2 is finished in any case then. */
  readonly #look = () => {
    if (!this.#response.writableEnded || !this.#response.writableFinished) {
      this.#leaves.abort(new ClientLeft());
    }
  };
}

/**
 * The socket of a request whose response waits for the responses to earlier ones: a client may send any number of them at
 * once. Until it has the socket, such a response does not close with it.
 */
function laterSocket(response: object): ClosingSocket | undefined {
  const { socket, req } = response as { socket?: unknown; req?: { socket?: ClosingSocket | null } };
  return socket === null ? (req?.socket ?? undefined) : undefined;
}
