import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { printHeading } from './terminal.mjs';
import { Transcript } from './transcript.mjs';

const UNPRINTABLE = /\p{Cc}|\P{ASCII}/gu;

/**
 * Prints each request from outside, until Ctrl-C or SIGTERM.
 *
 * @param {import('node:http').Server} server
 * @param {import('./hook-calls.mjs').HookCalls} hookCalls
 */
export async function receiveVisitors(server, hookCalls) {
  const transcript = new Transcript();
  console.log();
  transcript.printLegend();
  transcript.begin('Requests; Ctrl-C stops the server');
  // Before Express gets the request.
  server.prependListener('request', (request, response) => {
    const start = performance.now();
    const requestId = randomUUID();
    // Replaces the client's own, which two clients could choose alike.
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
  // A second Ctrl-C has no listener, so it ends the process at once.
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  printHeading('Stopping');
}

// Otherwise a client could move the cursor of the terminal or change its colors.
function printable(text) {
  return text.replaceAll(UNPRINTABLE, '?');
}
