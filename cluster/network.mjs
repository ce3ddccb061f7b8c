import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A network between this machine and a port of it, which can be cut. */
export class Network {
  #sockets = new Set();
  #isCut = false;
  #server;

  /** @param {number} port where connections go */
  constructor(port) {
    this.#server = createServer((near) => {
      if (this.#isCut) {
        near.destroy();
        return;
      }
      const far = connect(port, '127.0.0.1');
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('data', (data) => this.#isCut || other.write(data));
        socket.on('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
    });
  }

  /** Resolves the port that connections come to. */
  async start() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this.#server.address().port;
  }

  /** Nothing arrives any more, and nothing says so. */
  cut() {
    this.#isCut = true;
  }

  /** New connections work, and the old ones end. */
  mend() {
    this.#isCut = false;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  close() {
    this.mend();
    this.#server.close();
  }
}
