import { request } from 'node:http';
import type { ClientRequest } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A response as the client got it. */
export interface Answered {
  status: number;
  headers: Headers;
  text: string;
  /** The text as JSON, if it is JSON. */
  body: any;
}

/** Posts JSON. */
export function postJson(url: string, body: unknown, headers?: Record<string, string>): Promise<Answered> {
  return postText(url, JSON.stringify(body) as string | undefined, headers);
}

/** Posts a text that is JSON, and reads JSON. */
export async function postText(
  url: string,
  body: string | undefined,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

/** Posts `{}` on a new connection, from a client that can leave. */
export function startPost(url: string, headers: Record<string, string>): ClientRequest {
  const client = request(url, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', ...headers },
  });
  client.on('error', () => undefined);
  client.end('{}');
  return client;
}

/** Posts `{}` this many times at once on one connection, from a client that can leave. */
export function startPipeline(url: string, count: number, headers: Record<string, string>): Socket {
  const { hostname, port } = new URL(url);
  const lines = Object.entries({
    host: hostname,
    'content-type': 'application/json',
    'content-length': '2',
    ...headers,
  });
  const head = ['POST / HTTP/1.1', ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(`${head}\r\n\r\n{}`.repeat(count));
  return socket;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
