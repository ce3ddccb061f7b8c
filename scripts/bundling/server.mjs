// A server as a user would bundle it. It loads a plugin, which compiles in a child process, and calls it.
import { HookcellError, WasmRuntime } from 'hookcell';
import { wasmHooks } from 'hookcell/express';

async function main() {
  const runtime = new WasmRuntime();
  try {
    const { codeFrom } = await runtime.loadPlugin('plugin.wasm', { isolate: true });
    const hooks = wasmHooks(runtime, { before: 'plugin.wasm' });
    const request = { headers: {}, body: { email: ' Ada@Example.com ' } };
    const error = await new Promise((next) => void hooks(request, {}, next));
    console.log(`${codeFrom}: ${error ?? request.body.email}`);
  } catch (error) {
    console.log(`${error instanceof HookcellError ? error.code : error.name}: ${error.message}`);
  }
  await runtime.close();
}

// Not every kind of bundle may await here.
// oxlint-disable-next-line unicorn/prefer-top-level-await
void main();
