import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import express5 from 'express';
import type { ErrorRequestHandler, Express, RequestHandler } from 'express';

import { postJson } from './http';
import type { Answered } from './http';

/** Each version of Express that the middleware is for. */
export const versions: [string, typeof express5][] = [
  ['Express 4', jest.requireActual<typeof express5>('express4')],
  ['Express 5', express5],
];

/** An application that listens. */
export interface Listening {
  url: string;
  /** The errors that its error handler got. */
  errors: unknown[];
}

/** A response as the client got it. */
export type Answer = Pick<Answered, 'status' | 'body'>;

const servers: Server[] = [];

/** Serves `/` with these handlers after a JSON parser. */
export function serve(express: typeof express5, ...handlers: RequestHandler[]): Promise<Listening> {
  return serveApp(express, (app) => {
    app.use(express.json({ strict: false }));
    app.all('/', ...handlers);
  });
}

/** Serves an application, followed by a handler that keeps its errors. */
export async function serveApp(
  express: typeof express5,
  mount: (app: Express) => void,
  { keepErrors = true } = {},
): Promise<Listening> {
  const errors: unknown[] = [];
  const keepError: ErrorRequestHandler = (error: { status?: number }, _request, response, _next) => {
    errors.push(error);
    response.status(error.status ?? 500).json({ caught: true });
  };
  const app = express();
  mount(app);
  if (keepErrors) {
    app.use(keepError);
  }
  const server = createServer(app);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, errors };
}

/** Closes every server. */
export async function closeServers(): Promise<void> {
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
}

/** Posts JSON, and reads JSON. */
export async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const answered = await postJson(url, body, headers);
  return { status: answered.status, body: answered.body };
}

/** Responds with the request's body as the earlier handlers left it. */
export const answerBody: RequestHandler = (request, response) => {
  response.json({ body: request.body as unknown });
};

/** Responds 201 with an item. */
export const answerItem: RequestHandler = (_request, response) => {
  response.status(201).json({ id: 7 });
};
