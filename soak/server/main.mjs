// The process under load: a server with plugins that measures itself. The parent process reads the figures and closes it.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { runtimeSettings } from '../targets.mjs';
import { createApp } from './app.mjs';
import { CountedRuntime } from './counted-runtime.mjs';
import { Measures, sampleMemory } from './measures/measures.mjs';
import { Tally } from './tally.mjs';

const tally = new Tally();
const measures = new Measures();
const runtimes = Object.fromEntries(
  Object.entries(runtimeSettings).map(([name, settings]) => [name, new CountedRuntime(settings, tally)]),
);
const server = createServer(createApp(runtimes, tally));
// A connection that the server ends while the client sends on it would look like a lost request.
server.keepAliveTimeout = 0;

const questions = {
  async start() {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    measures.start();
    return `http://127.0.0.1:${server.address().port}`;
  },
  restart: () => measures.restart(),
  sampleMemory,
  read: () => ({ ...measures.read(), ...tally.read() }),
  async close() {
    await measures.stop();
    await Promise.all(Object.values(runtimes).map((runtime) => runtime.close()));
    server.close();
    server.closeAllConnections();
  },
};

let isClosed = false;
process.on('message', async ({ number, question }) => {
  const answer = await questions[question]();
  isClosed = question === 'close';
  process.send({ number, answer });
});
process.on('disconnect', () => {
  if (!isClosed) {
    // The parent process has died.
    process.exit(1);
  }
});
