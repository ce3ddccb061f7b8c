import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { printHeading } from './terminal.mjs';
import { Transcript } from './transcript.mjs';

const UNPRINTABLE = /\p{Cc}|\P{ASCII}/gu;

/**
 * Prints each request that comes from outside, until Ctrl-C or SIGTERM.
 *
 * @param {import('node:http').Server} server
 * @param {import('./hook-calls.mjs').HookCalls} hookCalls
 */
export async function receiveVisitors(server, hookCalls) {
  const transcript = new Transcript();
  console.log();
  transcript.printLegend();
  transcript.begin('Requests; Ctrl-C stops the server');
  // Before Express has it.
  server.prependListener('request', (request, response) => {
    const start = performance.now();
    const requestId = randomUUID();
    // In place of the client's own, which another could choose as well.
    request.headers['x-request-id'] = requestId;
    response.once('close', () => {
      const hooks = hookCalls.take(requestId);
      transcript.printRow({
        request: printable(`${request.method} ${request.url}`),
        tenant: printable(request.headers['x-tenant'] ?? '–'),
        answer: { status: response.statusCode, reason: response.statusMessage, ms: performance.now() - start },
        hooks,
      });
      if (hooks?.fault !== undefined) {
        transcript.printNote('fault', hooks.fault);
      }
    });
  });
  // Nobody listens for a second Ctrl-C, so that it ends the process at once.
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  printHeading('Stopping');
}

// A client could otherwise send what moves the cursor or colours the terminal.
function printable(text) {
  return text.replaceAll(UNPRINTABLE, '?');
}
