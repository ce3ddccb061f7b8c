// The editor of hooks on its own, without orders and without a framework.

import { createServer } from 'node:http';

import { WasmRuntime } from 'hookcell';

import { editorOf } from './editor/editor';
import { openHooks } from './editor/open-hooks';

async function main(): Promise<void> {
  const runtime = new WasmRuntime({ timeoutMs: 100 });
  const editor = editorOf(await openHooks(runtime));
  const port = process.env['PORT'] ?? 3000;
  const server = createServer((request, response) => {
    const { url = '' } = request;
    if (url === '/editor' || url.startsWith('/editor/')) {
      request.url = url.slice('/editor'.length);
      editor(request, response);
    } else {
      response.writeHead(302, { location: '/editor' }).end();
    }
  });
  server.listen(port, () => console.log(`the editor of hooks on http://localhost:${port}/editor`));

  process.once('SIGINT', () => {
    server.close();
    void runtime.close();
  });
}

void main();
