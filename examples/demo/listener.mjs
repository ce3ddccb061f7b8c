import { once } from 'node:events';
import { createServer } from 'node:http';
import { StartError } from './start-error.mjs';

// Other machines must not reach it, because anyone could call the hostile plugins.
const HOST = '127.0.0.1';
const LAST_PORT = 65_535;

/** Reads the port to listen on from the environment. */
export function parsePort(text = '3000') {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > LAST_PORT) {
    throw new StartError(`PORT must be a number from 0 to ${LAST_PORT}, got ${JSON.stringify(text)}`);
  }
  return port;
}

/** Serves an application on this port, or on the next free one if it is in use. 0 means any free port. */
export async function listen(app, firstPort) {
  const server = createServer(app);
  await bind(server, firstPort);
  return {
    server,
    url: `http://${HOST}:${server.address().port}`,

    /** Refuses new requests, and waits for those in progress. */
    async close() {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

async function bind(server, firstPort) {
  for (let port = firstPort; ; port += 1) {
    try {
      server.listen(port, HOST);
      await once(server, 'listening');
      return;
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || port === LAST_PORT) {
        throw new StartError(`cannot listen on port ${port}: ${error.code}`, { cause: error });
      }
      console.log(`  port ${port} is taken`);
    }
  }
}
