// With limited address space, cells cannot be pooled: each takes 4 GiB of it.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { WasmRuntime } from 'hookcell';

const root = join(__dirname, '../..');
const script = `
  const { WasmRuntime } = require('hookcell');
  const plugin = require.resolve('hookcell/pdk/validate_email.wasm');
  const warnings = [];
  const logger = { warn: (line) => warnings.push(line) };
  const [runtime] = [new WasmRuntime({ logger }), new WasmRuntime({ logger })];
  runtime
    .loadPlugin(plugin)
    .then(() => runtime.callHook(plugin, 'before_hook', { input: { email: ' Ada@Example.com' } }))
    .then((result) => console.log(result.ok, result.ctx.input.email, runtime.pooled, warnings.join()));
`;

(process.platform === 'linux' ? test : test.skip)(
  'hooks run under ulimit -v, in cells mapped for each call, and the log says so once',
  () => {
    const eightGigabytes = 8_000_000;

    const output = execFileSync(
      'sh',
      ['-c', `ulimit -v ${eightGigabytes} && exec "$0" -e "$1"`, process.execPath, script],
      { cwd: root, encoding: 'utf8' },
    );

    expect(output.trim()).toBe(
      'true ada@example.com false ' +
        'hookcell: not enough address space for pooled sandboxes (ulimit -v?): each call maps its own memory and takes longer',
    );
  },
);

test('everywhere else cells are pooled', async () => {
  await using runtime = new WasmRuntime();

  expect(runtime.pooled).toBe(true);
});
