// The responses that must be the same with hooks as without.

import { Readable } from 'node:stream';

import type { ErrorRequestHandler, RequestHandler, Response } from 'express';

import { soon } from '../../support/clock';

/** A handler. `see` notes what it sees, for the comparison. */
type Handle = (response: Response, see: (value: unknown) => void, next: () => void) => unknown;

/** A response, and the application around it. */
export interface Row {
  title: string;
  handle: Handle;
  settings?: Record<string, unknown>;
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  /** Default both. */
  on?: string;
  /** Mounted before the hooks. */
  mount?: RequestHandler;
  /** Mounted after the handlers. */
  onError?: ErrorRequestHandler;
}

const withhold = (key: string, value: unknown) => (key === 'password' ? undefined : value);
const big = (_key: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
const long = { text: 'ä'.repeat(2_000) };

/** Calls a method with the arguments of Express 4. */
const old = (response: Response, name: 'json' | 'jsonp' | 'send', ...given: unknown[]): unknown =>
  (response[name] as (...given: unknown[]) => unknown).apply(response, given);

/** The code of what a call throws. */
function thrown(call: () => unknown): unknown {
  try {
    call();
    return 'nothing';
  } catch (error) {
    return (error as { code?: string }).code ?? error;
  }
}

/** Everything that a handler can do with a response. */
export const rows: Row[] = [
  // res.json
  ...[null, true, false, 0, 300, '', 'text', [], [1, [2]], {}, { a: { b: null } }, long].map((value) => ({
    title: `res.json(${JSON.stringify(value).slice(0, 20)})`,
    handle: (response: Response) => response.json(value),
  })),
  { title: 'res.json() of nothing', handle: (response) => response.json() },
  { title: 'res.json(undefined)', handle: (response) => response.json(undefined) },
  { title: 'res.json with a status', handle: (response) => response.status(201).json({ id: 1 }) },
  { title: 'res.json(status, body)', on: 'Express 4', handle: (response) => old(response, 'json', 201, { id: 1 }) },
  { title: 'res.json(body, status)', on: 'Express 4', handle: (response) => old(response, 'json', { id: 1 }, 201) },
  { title: 'res.json(status, number)', on: 'Express 4', handle: (response) => old(response, 'json', 201, 202) },
  { title: 'res.json(status, null)', on: 'Express 4', handle: (response) => old(response, 'json', 201, null) },
  {
    title: 'res.json with a second argument',
    on: 'Express 5',
    handle: (response) => old(response, 'json', { id: 1 }, 201),
  },
  { title: 'res.json with a type', handle: (response) => response.type('application/vnd.api+json').json({ a: 1 }) },
  { title: 'res.json with a charset', handle: (r) => r.set('Content-Type', 'application/json; charset=ascii').json(1) },
  { title: 'res.json as text', handle: (response) => response.type('text/plain').json({ a: 1 }) },
  { title: 'res.json with an ETag', handle: (response) => response.set('ETag', '"mine"').json({ a: 1 }) },
  { title: 'res.json without ETags', settings: { etag: false }, handle: (response) => response.json(long) },
  { title: 'res.json with strong ETags', settings: { etag: 'strong' }, handle: (response) => response.json(long) },
  { title: 'res.json with spaces', settings: { 'json spaces': 2 }, handle: (response) => response.json({ a: [1] }) },
  {
    title: 'res.json with escapes',
    settings: { 'json escape': true },
    handle: (response) => response.json({ '&': '<script>' }),
  },
  {
    title: 'res.json with a replacer',
    settings: { 'json replacer': withhold },
    handle: (response) => response.json({ name: 'ada', password: 'x' }),
  },
  {
    title: 'res.json with a replacer for BigInt, spaces and escapes',
    settings: { 'json replacer': big, 'json spaces': '\t', 'json escape': true },
    handle: (response) => response.json({ '<': 1n }),
  },
  { title: 'res.json with toJSON', handle: (response) => response.json({ toJSON: () => ({ at: new Date(0) }) }) },
  {
    title: 'res.json with what JSON has no word for',
    handle: (r) => r.json({ a: undefined, b: Number.NaN, c: [() => 1] }),
  },
  { title: 'res.json of BigInt', handle: (response) => response.json({ a: 1n }) },
  { title: 'res.json of a circle', handle: (response) => response.json(Object.assign([], { 0: response })) },
  ...[204, 205, 304].map((status) => ({
    title: `res.json with status ${status}`,
    handle: (response: Response) => response.status(status).json({ a: 1 }),
  })),
  { title: 'res.json with status 404', handle: (response) => response.status(404).json({ a: 1 }) },
  { title: 'res.json of HEAD', method: 'HEAD', handle: (response) => response.json({ a: 1 }) },
  {
    title: 'res.json that the client has already',
    headers: { 'if-none-match': '"mine"' },
    handle: (response) => response.set('ETag', '"mine"').json({ a: 1 }),
  },
  {
    title: 'res.json that the client has by the ETag of Express',
    headers: { 'if-none-match': 'W/"7-FL1BLdyWtwNNB1PdcVPz7m1m5oE", *' },
    handle: (response) => response.json({ a: 1 }),
  },
  { title: 'res.json with a cookie', handle: (response) => response.cookie('a', '1').json({ a: 1 }) },

  // res.send
  ...['', 'text', null, true, [1], { a: 1 }, Buffer.from('{"a":1}')].map((value) => ({
    title: `res.send(${JSON.stringify(value).slice(0, 20)})`,
    handle: (response: Response) => response.send(value),
  })),
  { title: 'res.send(number)', on: 'Express 5', handle: (response) => response.send(7.5) },
  { title: 'res.send() of nothing', handle: (response) => response.send() },
  { title: 'res.send(status)', on: 'Express 4', handle: (response) => old(response, 'send', 201) },
  { title: 'res.send(status, body)', on: 'Express 4', handle: (response) => old(response, 'send', 201, { a: 1 }) },
  { title: 'res.send(body, status)', on: 'Express 4', handle: (response) => old(response, 'send', { a: 1 }, 201) },
  { title: 'res.send(status, text)', on: 'Express 4', handle: (response) => old(response, 'send', 201, 'text') },
  { title: 'res.send of an object as HEAD', method: 'HEAD', handle: (response) => response.send({ a: 1 }) },
  { title: 'res.send of JSON text with its type', handle: (response) => response.type('json').send('{"a":1}') },

  // res.jsonp, res.sendStatus, res.end, streams
  { title: 'res.jsonp with a callback', path: '?callback=f', handle: (response) => response.jsonp({ a: '\u2028' }) },
  { title: 'res.jsonp without one', handle: (response) => response.jsonp({ a: 1 }) },
  {
    title: 'res.jsonp(status, body)',
    on: 'Express 4',
    path: '?callback=f',
    handle: (r) => old(r, 'jsonp', 201, { a: 1 }),
  },
  ...[200, 201, 404].map((status) => ({
    title: `res.sendStatus(${status})`,
    handle: (response: Response) => response.sendStatus(status),
  })),
  { title: 'res.end()', handle: (response) => response.status(202).end() },
  { title: 'res.end(text)', handle: (response) => response.end('text') },
  { title: 'res.write and res.end', handle: (response) => (response.write('a'), response.end('b')) },
  { title: 'res.redirect', handle: (response) => response.redirect('/there') },
  { title: 'a stream', handle: (response) => Readable.from(['{"a"', ':1}']).pipe(response.type('json')) },

  // What follows a response.
  { title: 'res.json().end()', handle: (response) => response.json({ a: 1 }).end() },
  { title: 'res.json; res.end()', handle: (response) => (response.json({ a: 1 }), response.end()) },
  { title: 'res.send().end()', handle: (response) => response.send({ a: 1 }).end() },
  { title: 'res.status().json().end() of an error', handle: (response) => response.status(400).json({ a: 1 }).end() },
  {
    title: 'res.json; res.end() a moment later',
    handle: async (response) => {
      response.json({ a: 1 });
      await soon();
      response.end();
    },
  },
  {
    title: 'res.end(callback) behind res.json',
    handle: (response, see) => response.json({ a: 1 }).end(() => see('finished')),
  },
  {
    title: 'what a response says of itself behind res.json',
    handle(response, see) {
      see(response.json({ a: 1 }) === response);
      see([response.headersSent, response.writableEnded, response.finished, response.statusCode]);
    },
  },
  {
    title: 'headers behind res.json',
    handle(response, see) {
      response.json({ a: 1 });
      see(thrown(() => response.set('x-late', '1')));
      see(thrown(() => response.setHeader('x-late', '1')));
      see(thrown(() => response.append('x-late', '1')));
      see(thrown(() => response.removeHeader('content-type')));
      see(thrown(() => response.writeHead(500)));
      see(thrown(() => response.cookie('a', '1')));
      see(thrown(() => response.flushHeaders()));
      see(response.get('content-type'));
    },
  },
  {
    title: 'a status behind res.json',
    handle(response) {
      response.json({ a: 1 });
      response.status(500);
      response.statusMessage = 'late';
    },
  },
  ...Object.entries<(response: Response) => unknown>({
    'res.json': (response) => response.json({ b: 2 }),
    'res.status(404).json': (response) => response.status(404).json({ b: 2 }),
    'res.send(object)': (response) => response.send({ b: 2 }),
    'res.send(text)': (response) => response.send('b'),
    'res.sendStatus': (response) => response.sendStatus(500),
    'res.redirect': (response) => response.redirect('/there'),
    'res.jsonp': (response) => response.jsonp({ b: 2 }),
  }).map(([name, second]) => ({
    title: `${name} behind res.json`,
    handle(response: Response, see: (value: unknown) => void) {
      response.json({ a: 1 });
      see(thrown(() => second(response)));
    },
  })),
  { title: 'next() behind res.json', handle: (response, _see, next) => (response.json({ a: 1 }), next()) },
  {
    title: 'an error behind res.json, left to Express',
    handle(response) {
      response.json({ a: 1 });
      throw new Error('after the answer');
    },
  },
  {
    title: 'an error behind res.json, with a handler that looks',
    handle(response) {
      response.json({ a: 1 });
      throw new Error('after the answer');
    },
    onError: (error, _request, response, next) =>
      response.headersSent ? next(error) : response.status(500).json({ caught: true }),
  },
  {
    title: 'an error behind res.json, with a handler that does not look',
    handle(response) {
      response.json({ a: 1 });
      throw new Error('after the answer');
    },
    onError: (_error, _request, response, _next) => response.status(500).json({ caught: true }),
  },
  { title: 'res.destroy() behind res.json', handle: (response) => response.json({ a: 1 }).destroy() },
  { title: 'the end of the socket behind res.json', handle: (response) => response.json({ a: 1 }).socket!.end() },
  { title: 'a destroyed socket behind res.json', handle: (response) => response.json({ a: 1 }).socket!.destroySoon() },
  { title: 'a destroyed request behind res.json', handle: (response) => response.json({ a: 1 }).req.destroy() },
  {
    title: 'a library before it that changes what is written',
    mount(_request, response, next) {
      const json = response.json.bind(response);
      response.json = (body) => json({ wrapped: body });
      next();
    },
    handle: (response) => response.json({ a: 1 }),
  },
  {
    title: 'a library before it that writes in its own time',
    mount(_request, response, next) {
      const json = response.json.bind(response);
      response.json = (body) => (setImmediate(() => json({ later: body })), response);
      next();
    },
    handle: (response) => response.json({ a: 1 }),
  },
  {
    title: 'a library before it that watches writes and the end',
    mount(_request, response, next) {
      const end = response.end.bind(response);
      response.end = ((...given: []) => (response.setHeader('x-ended', '1'), end(...given))) as typeof response.end;
      next();
    },
    handle: (response) => response.json({ a: 1 }).end(),
  },
];
