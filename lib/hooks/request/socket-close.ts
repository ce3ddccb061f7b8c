/** What is needed of a socket to see it close. */
export interface ClosingSocket {
  readonly destroyed?: boolean;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

interface Watched {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

const watched = new WeakMap<ClosingSocket, Watched>();

/**
 * Calls back when the socket closes. However many requests a client sends on one connection without waiting, the socket gets
 * one listener: Node takes many for a leak, and says so.
 *
 * @returns what takes the callback back
 */
export function onSocketClose(socket: ClosingSocket, callback: () => void): () => void {
  const { callbacks, listener } = watched.get(socket) ?? watch(socket);
  callbacks.add(callback);
  return () => {
    callbacks.delete(callback);
    if (callbacks.size === 0 && watched.delete(socket)) {
      socket.off('close', listener);
    }
  };
}

function watch(socket: ClosingSocket): Watched {
  const callbacks = new Set<() => void>();
  const listener = () => {
    for (const callback of callbacks) {
      callback();
    }
  };
  const made = { callbacks, listener };
  watched.set(socket, made);
  socket.once('close', listener);
  return made;
}
