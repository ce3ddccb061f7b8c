// How many of libuv's threads calls take by default.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import { pluginFile, removePluginFiles } from '../support/child';

describe("by default, calls leave a thread of libuv's pool free", () => {
  let script: string;

  beforeAll(async () => {
    const plugin = JSON.stringify(await pluginFile('endless_hook'));
    script = `
      const { WasmRuntime } = require('hookcell');
      const runtime = new WasmRuntime({ logger: false, maxFuel: Number.MAX_SAFE_INTEGER, timeoutMs: 60_000 });
      runtime.loadPlugin(${plugin}).then(() => {
        for (let call = 0; call < 50; call += 1) void runtime.callHook(${plugin}, 'before_hook', { input: {} });
        console.log(runtime.running);
        process.exit();
      });`;
  });

  afterAll(removePluginFiles);

  test.each([
    [undefined, 3],
    ['8', 7],
    ['8abc', 7],
    ['1e1', 1],
    ['2', 1],
    ['1', 1],
    ['0', 1],
    ['many', 1],
    ['', 1],
  ])('where UV_THREADPOOL_SIZE is %p: %d run', async (size, expected) => {
    const { UV_THREADPOOL_SIZE: _, ...environment } = process.env;
    const env = size === undefined ? environment : { ...environment, UV_THREADPOOL_SIZE: size };
    const cwd = path.join(__dirname, '../..');

    const { stdout } = await promisify(execFile)(process.execPath, ['--eval', script], { cwd, env });

    expect(Number(stdout)).toBe(expected);
  });
});
