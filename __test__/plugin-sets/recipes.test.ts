// The sources of docs/plugin-sets.md, as the page has them, against a local server.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { transformSync } from '@swc/core';
import type { PluginSource } from 'hookcell/plugins';
import { pluginAnswering } from 'hookcell/testing';

import { refusal } from '../support/refusal';
import { accepting, closeAll, makeRuntime, resultFor, SetFolder, sha256 } from './set-folder';

const bytes = pluginAnswering(accepting({ version: 1 }));
const page = readFileSync(path.join(__dirname, '../../docs/plugin-sets.md'), 'utf8');
const requests: IncomingMessage[] = [];
let server: Server;
let url: string;

/** The exports of the recipe under this heading. */
function recipe<T>(heading: string): T {
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  const [, code = ''] = /```ts\n(.*?)```/s.exec(section) ?? [];
  const { code: script } = transformSync(code, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
    module: { type: 'commonjs' },
  });
  const exports = {};
  // oxlint-disable-next-line typescript/no-implied-eval -- the page is our own
  new Function('exports', 'require', script)(exports, require);
  return exports as T;
}

/** A tar archive with these files, as npm packs them. */
function tar(files: Record<string, Uint8Array>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, content]) => {
    const header = Buffer.alloc(512);
    header.write(`package/${name}`);
    header.write(content.length.toString(8).padStart(11, '0'), 124);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1_024)]);
}

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(request);
    const { url: asked = '' } = request;
    if (asked === '/plugins/one.wasm') {
      response.end(bytes);
    } else if (asked === '/@acme%2fplugins/1.2.0') {
      response.end(JSON.stringify({ dist: { tarball: `${url}/plugins-1.2.0.tgz` } }));
    } else if (asked === '/plugins-1.2.0.tgz') {
      response.end(gzipSync(tar({ 'package.json': Buffer.from('{}'), 'dist/one.wasm': bytes })));
    } else if (asked === '/elsewhere') {
      response.writeHead(302, { location: '/plugins/one.wasm' }).end();
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(closeAll);
afterAll(() => new Promise((resolve) => server.close(resolve)));

function open(place: string, source: PluginSource) {
  const folder = new SetFolder();
  folder.list({ name: 'one', source: place, sha256: sha256(bytes) });
  return folder.open(makeRuntime(), { source });
}

test('a module comes from a web server, and neither an error page nor another address is taken for it', async () => {
  const { fromHttps } = recipe<{ fromHttps: PluginSource }>('HTTPS');

  expect(await resultFor(await open(`${url}/plugins/one.wasm`, fromHttps))).toEqual({ version: 1 });
  expect((await refusal(open(`${url}/gone.wasm`, fromHttps), 'ERR_SOURCE')).message).toContain('404');
  await refusal(open(`${url}/elsewhere`, fromHttps), 'ERR_SOURCE');
});

test('a module comes from a store with the API of S3, with a signed request', async () => {
  const { fromS3 } = recipe<{ fromS3: (endpoint: string, credentials: object) => PluginSource }>('S3');
  const source = fromS3(url, { accessKeyId: 'key', secretAccessKey: 'secret', region: 'eu-central-1' });

  expect(await resultFor(await open('s3://plugins/one.wasm', source))).toEqual({ version: 1 });
  expect(requests.at(-1)?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=key\/\d+\/eu-central-1\/s3\//);
  expect((await refusal(open('s3://plugins/gone.wasm', source), 'ERR_SOURCE')).message).toContain('404');
});

test('a module comes from a package of a registry', async () => {
  const { fromNpm } = recipe<{ fromNpm: (registry: string) => PluginSource }>('npm');
  const source = fromNpm(url);

  expect(await resultFor(await open('npm:@acme/plugins@1.2.0/dist/one.wasm', source))).toEqual({ version: 1 });
  expect((await refusal(open('npm:@acme/plugins@1.2.0/gone.wasm', source), 'ERR_SOURCE')).message).toContain('no file');
  expect((await refusal(open('npm:@acme/plugins@9.9.9/one.wasm', source), 'ERR_SOURCE')).message).toContain('404');
  expect((await refusal(open('elsewhere', source), 'ERR_SOURCE')).message).toContain('it must be npm:');
});
