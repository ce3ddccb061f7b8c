import { ClientLeft } from './client-left.js';
import { onSocketClose } from './socket-close.js';
import type { ClosingSocket } from './socket-close.js';

/** The part of a response that shows when its client disconnects. Responses of Node, HTTP/2 and all frameworks fit. */
export interface WatchedResponse {
  readonly destroyed?: boolean | undefined;
  readonly writableEnded?: boolean | undefined;
  readonly writableFinished?: boolean | undefined;
  once?(event: 'close', listener: () => void): unknown;
  off?(event: 'close', listener: () => void): unknown;
}

/** What shows when the client of a request disconnects: its response, or a signal that then aborts. */
export type WatchedClient = WatchedResponse | AbortSignal;

/** Watches whether the client of a request disconnects, until it is stopped. */
export class ClientWatch {
  readonly #response: WatchedResponse;
  readonly #leaves = new AbortController();
  readonly #stopSocket: (() => void) | undefined;

  constructor(client: WatchedClient) {
    const response = 'aborted' in client ? abortingResponse(client) : client;
    this.#response = response;
    const socket = laterSocket(response);
    if (response.destroyed || socket?.destroyed) {
      this.#look();
    } else {
      response.once?.('close', this.#look);
      this.#stopSocket = socket && onSocketClose(socket, this.#look);
    }
  }

  /** Aborts with {@link ClientLeft} when the client disconnects. */
  get signal(): AbortSignal {
    return this.#leaves.signal;
  }

  /** Stops watching: what follows is done whether the client waits or not. */
  stop(): void {
    this.#response.off?.('close', this.#look);
    this.#stopSocket?.();
  }

  /** A response also closes when it has reached its client. With HTTP/2 it is then finished in any case. */
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

/** A signal, as a response that closes when it aborts. */
function abortingResponse(signal: AbortSignal): WatchedResponse {
  return {
    destroyed: signal.aborted,
    once: (_event, listener) => signal.addEventListener('abort', listener, { once: true }),
    off: (_event, listener) => signal.removeEventListener('abort', listener),
  };
}
