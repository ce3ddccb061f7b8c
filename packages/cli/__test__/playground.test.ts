import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import path from 'node:path';

import { fixture } from '../../../__test__/support/wat';
import { Folder } from './support/folder';
import { COMMAND, expectValid } from './support/hookcell';

const folder = new Folder();
const RUST = path.join(__dirname, '../../../pdk/rust/validate_email.wasm');

let child: ChildProcess;
let url: URL;

beforeAll(async () => {
  const plugin = folder.write('plugin.wasm', readFileSync(RUST));
  const args = [COMMAND, 'playground', plugin, '--fixtures', folder.at('fixtures'), '--max-fuel', '500000', '--json'];
  child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [text] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  const said: unknown = JSON.parse(String(text));
  expectValid(said, 'playground');
  url = new URL((said as { url: string }).url);
});

afterAll(async () => {
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

interface Response {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends what no browser would let a page send, such as another host. */
function send(method: string, to: string, headers: OutgoingHttpHeaders = {}, body?: object): Promise<Response> {
  return new Promise((resolve, reject) => {
    const content = body === undefined ? {} : { 'content-type': 'application/json' };
    const sent = request({ host: '127.0.0.1', port: url.port, method, path: to, headers: { ...content, ...headers } });
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const own = () => ({ host: url.host });
const post = async (to: string, body: object) => {
  const { status, text } = await send('POST', `${url.pathname}${to}`, { ...own(), origin: url.origin }, body);
  return { status, json: JSON.parse(text) };
};

test('the address is of this machine alone, on another port each time, with a token of 256 bits', () => {
  expect(url.hostname).toBe('127.0.0.1');
  expect(Buffer.from(url.pathname.split('/')[1] ?? '', 'base64url')).toHaveLength(32);
});

test('a request without the token is refused, whatever it asks for', async () => {
  const almost = `${url.pathname.slice(0, -2)}${url.pathname.at(-2) === 'A' ? 'B' : 'A'}/`;
  for (const prefix of ['/', '//', '/x/', almost, `/%2e${url.pathname}`, `/x/..//`]) {
    for (const to of ['', 'state', 'playground.js', 'events']) {
      expect(await send('GET', `${prefix}${to}`, own())).toMatchObject({ status: 403, text: '' });
    }
    expect((await send('POST', `${prefix}run`, own(), { hook: 'before_hook', context: {} })).status).toBe(403);
  }
});

test('a page of another site cannot use the token, nor another name of this address', async () => {
  const foreign: OutgoingHttpHeaders[] = [
    { host: `rebound.example:${url.port}` },
    { host: `localhost:${url.port}` },
    { host: '127.0.0.1' },
    { ...own(), origin: 'http://rebound.example' },
    { ...own(), origin: 'null' },
    { ...own(), origin: `http://127.0.0.1:${Number(url.port) + 1}` },
    { ...own(), 'sec-fetch-site': 'cross-site' },
    { ...own(), 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of foreign) {
    expect(await send('GET', `${url.pathname}state`, headers)).toMatchObject({ status: 403, text: '' });
    expect(await send('POST', `${url.pathname}run`, headers, { hook: 'before_hook' })).toMatchObject({ status: 403 });
  }
  const form = { ...own(), 'content-type': 'text/plain' };
  expect((await send('POST', `${url.pathname}run`, form, {})).status).toBe(415);
  expect((await send('PUT', `${url.pathname}run`, own(), {})).status).toBe(405);
});

test('the page holds no secret, runs only its own files, and no file but those is served', async () => {
  const { status, headers, text } = await send('GET', url.pathname, own());
  expect(status).toBe(200);
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['content-security-policy']).not.toMatch(/unsafe|\*/);
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  expect(text).not.toContain(url.pathname.split('/')[1]);
  expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
  for (const to of ['../../package.json', '..%2f..%2fpackage.json', 'playground.html', 'main.js', 'constructor']) {
    expect((await send('GET', `${url.pathname}${to}`, own())).status).not.toBe(200);
  }
});

test('a call shows what run shows, with the limits of the command', async () => {
  const { status, json } = await post('run', { hook: 'before_hook', context: { input: { email: ' A@b.c ' } } });
  expect(status).toBe(200);
  expect(json).toMatchObject({ outcome: 'accepted', log: [] });
  expect(json.difference).toContain('+    "email": "a@b.c"');
  expect(json.usage.map(({ name }: { name: string }) => name)).toEqual(['fuel', 'memory', 'time']);
  expect(json.usage[0].limit).toBe(500_000);
  const refused = await post('run', { hook: 'none', context: { input: {} } });
  expect(refused.json).toMatchObject({ outcome: 'refused', summary: expect.stringContaining('ERR_NO_HOOK') });
});

test('a saved call is a valid fixture in its folder, and replaces none', async () => {
  const call = { hook: 'before_hook', context: { input: { email: 'A@b.c' } }, name: '../../Trims & more' };
  const { status } = await post('save', call);
  expect(status).toBe(200);
  const file = folder.at('fixtures/trims-more.json');
  const saved = JSON.parse(readFileSync(file, 'utf8'));
  expectValid(saved, 'fixture');
  expect(saved).toMatchObject({
    expected: { ok: true, ctx: { input: { email: 'a@b.c' } } },
    limits: { maxFuel: 500_000 },
  });
  expect(await post('save', call)).toMatchObject({ status: 400, json: { error: expect.stringContaining('is there') } });
  for (const name of ['', '../', 'x'.repeat(201), 12]) {
    expect((await post('save', { ...call, name })).status).toBe(400);
  }
  expect(existsSync(folder.at('trims-more.json'))).toBe(false);
});

test('what is no call is told, and the server goes on', async () => {
  for (const wrong of [{}, [], { hook: 1, context: {} }, { hook: 'before_hook', context: null }]) {
    expect((await post('run', wrong)).status).toBe(400);
  }
  expect((await post('run', { hook: 'before_hook', context: [] })).json.outcome).toBe('refused');
  expect((await send('GET', `${url.pathname}state`, own())).status).toBe(200);
});

test('open pages are told when the file of the plugin changes, and calls go to the new one', async () => {
  const events = request({ host: '127.0.0.1', port: url.port, path: `${url.pathname}events`, headers: own() });
  events.end();
  const [response] = await once(events, 'response');
  const told = once(
    response.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('event: change')) {
        response.emit('told');
      }
    }),
    'told',
  );
  folder.write('plugin.wasm', await fixture('crash'));
  await told;
  events.destroy();
  const { json } = await post('run', { hook: 'before_hook', context: { input: {} } });
  expect(json).toMatchObject({ outcome: 'faulted', summary: expect.stringContaining('ERR_TRAP') });
});
