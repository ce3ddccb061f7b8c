// A response with the middleware is the same as without it. Each row runs on the same application with and without hooks
// after the handlers, on Express 4 and 5. What the client gets and the handler sees is compared.

import { request as httpRequest } from 'node:http';
import type { Readable } from 'node:stream';

import type { Express, RequestHandler } from 'express';
import { WasmRuntime } from 'hookcell';
import { wasmHooks } from 'hookcell/express';
import { pluginAnswering } from 'hookcell/testing';

import { soon } from '../../support/clock';
import { closeServers, serveApp, versions } from '../../support/express';
import { rows } from './plain-rows';
import type { Row } from './plain-rows';

const runtime = new WasmRuntime({ logger: false });
beforeAll(() => runtime.loadPluginBytes('yes', pluginAnswering({ ok: true })));
afterEach(closeServers);
afterAll(() => runtime.close());

/** What a client gets, byte for byte. */
function ask(url: string, { method = 'GET', path = '', headers = {} }: Row): Promise<object> {
  return new Promise((resolve, reject) => {
    const client = httpRequest(`${url}${path}`, { method, headers, agent: false }, async (answer) => {
      const { date: _date, ...rest } = answer.headers;
      resolve({ status: answer.statusCode, message: answer.statusMessage, headers: rest, body: await text(answer) });
    });
    client.on('error', reject).end();
  });
}

async function text(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

describe.each(versions)('on %s,', (version, express) => {
  const here = rows.filter(({ on = version }) => on === version).map((row) => [row.title, row] as const);

  async function outcome(row: Row, hooks: RequestHandler[]): Promise<object> {
    const seen: unknown[] = [];
    const { url } = await serveApp(
      express,
      (app: Express) => {
        app.set('env', 'production');
        for (const [name, value] of Object.entries(row.settings ?? {})) {
          app.set(name, value);
        }
        const handler: RequestHandler = (_request, response, next) => {
          const result = row.handle(response, (value) => seen.push(value), next);
          return result instanceof Promise ? result : undefined;
        };
        app.all('/', ...(row.mount ? [row.mount] : []), ...hooks, handler);
        if (row.onError !== undefined) {
          app.use(row.onError);
        }
      },
      { keepErrors: row.onError === undefined && !row.title.endsWith('left to Express') },
    );
    const answer = await ask(url, row);
    await soon();
    return { answer, seen };
  }

  test.each(here)('a response is the same with hooks as without: %s', async (_, row) => {
    jest.spyOn(console, 'error').mockReturnValue();
    const one = wasmHooks(runtime, { after: 'yes', logger: false });
    const plain = await outcome(row, []);

    expect(await outcome(row, [one])).toEqual(plain);
    expect(await outcome(row, [one, wasmHooks(runtime, { after: [() => undefined, 'yes'], logger: false })])).toEqual(
      plain,
    );
  });
});
