// The process that `isolate` compiles in: what it inherits, and that it does not outlive the server.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { nestedLoops } from '../support/compile-bomb';
import { runScript } from '../support/child';
import { fixture } from '../support/wat';

const ROOT = path.join(__dirname, '../..');
/** The most time that a compiler process may outlive its server. */
const GONE_WITHIN_MS = 2_000;

const servers: ChildProcess[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.kill('SIGKILL');
  }
});

const onLinux = process.platform === 'linux' ? describe : describe.skip;

let folder: string;
let bomb: string;
let small: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'hookcell-test-'));
  bomb = path.join(folder, 'bomb.wasm');
  small = path.join(folder, 'small.wasm');
  writeFileSync(bomb, await nestedLoops(4_000));
  writeFileSync(small, await fixture('pass_through'));
  // Another user reads it too.
  chmodSync(folder, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A script with `runtime` and the bytes of both modules. */
const script = (body: string) => `
  const { readFileSync } = require('node:fs');
  const { WasmRuntime } = require('hookcell');
  const runtime = new WasmRuntime({ logger: false });
  const bomb = readFileSync(${JSON.stringify(bomb)});
  const small = readFileSync(${JSON.stringify(small)});
  const wide = { maxLoopNesting: 4_000, maxCompileWork: Number.MAX_SAFE_INTEGER, isolate: { timeoutMs: 60_000 } };
  (async () => { ${body} })();`;

/** The compiler processes that a process has started, even if it has ended. */
function compilersOf(server: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return words.some((word) => word.endsWith('compile-child.js')) && words.includes(String(server));
      } catch {
        return false;
      }
    });
}

/** Waits until the process has as many compiler processes as `isEnough` wants. */
async function compilers(server: number, isEnough: (count: number) => boolean, ms: number): Promise<number[]> {
  const start = performance.now();
  for (;;) {
    const found = compilersOf(server);
    if (isEnough(found.length) || performance.now() - start > ms) {
      return found;
    }
    // There is no event for the start or end of another process's child.
    await setTimeout(20);
  }
}

function startServer(body: string): ChildProcess {
  const server = spawn(process.execPath, ['--eval', script(body)], { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] });
  servers.push(server);
  return server;
}

test('compiles bytes by default, and a file with `isolate`', async () => {
  const ended = await runScript(
    script(`
      console.log((await runtime.loadPluginBytes('bytes', small)).codeFrom);
      runtime.unloadPlugin('bytes');
      const file = ${JSON.stringify(small)};
      console.log((await runtime.loadPlugin(file)).codeFrom);
      runtime.unloadPlugin(file);
      console.log((await runtime.loadPlugin(file, { isolate: true })).codeFrom);
      runtime.unloadPlugin(file);
      console.log((await runtime.loadPluginBytes('bytes', small, { isolate: false })).codeFrom);
      console.log((await runtime.loadPluginBytes('other', small)).codeFrom);`),
  );

  expect(ended).toMatchObject({ code: 0, stdout: 'isolate\ncompiler\nisolate\ncompiler\nmemory\n', stderr: '' });
}, 30_000);

test('refuses a load it cannot be started for, and names the option', async () => {
  const ended = await runScript(
    script(`
      Object.defineProperty(process, 'execPath', { value: '/no/such/node' });
      await runtime.loadPluginBytes('bytes', small).catch(({ code, message }) => console.log(code, message));
      console.log(runtime.plugins().length, (await runtime.loadPluginBytes('bytes', small, { isolate: false })).codeFrom);`),
  );

  expect(ended.stdout).toMatch(/^ERR_ISOLATE .*isolate: false.*\n0 compiler\n$/);
}, 30_000);

test('keeps the server neither alive nor from ending while it waits for the next load', async () => {
  const ended = await runScript(
    script(`
      for (const name of ['a', 'b']) {
        await runtime.loadPluginBytes(name, small);
        runtime.unloadPlugin(name);
      }
      console.log('done');`),
  );

  expect(ended).toMatchObject({ code: 0, signal: null, stdout: 'done\n' });
  expect(ended.msAfterLastLine).toBeLessThan(5_000);
}, 30_000);

onLinux('on Linux it', () => {
  test.each([
    ['is killed', '', (server: ChildProcess) => server.kill('SIGKILL')],
    [
      'ends by process.exit()',
      "process.stdin.once('data', () => process.exit(0));",
      (server: ChildProcess) => server.stdin!.write('exit'),
    ],
  ])(
    'is gone within 2 s when the server %s',
    async (_, body, end) => {
      const server = startServer(`${body} runtime.loadPluginBytes('bomb', bomb, wide).catch(() => {});`);
      const ended = once(server, 'exit');
      const pid = server.pid!;
      expect(await compilers(pid, (count) => count > 0, 20_000)).not.toEqual([]);
      // It has the module by then, or is about to get it.
      await setTimeout(500);

      end(server);
      await ended;

      expect(await compilers(pid, (count) => count === 0, GONE_WITHIN_MS)).toEqual([]);
    },
    60_000,
  );

  test('is ended when its load is canceled, and only the waiting process stays', async () => {
    const server = startServer(`
      const abort = new AbortController();
      process.stdin.once('data', () => abort.abort());
      await runtime.loadPluginBytes('bomb', bomb, { ...wide, signal: abort.signal }).catch(({ name }) => console.log(name));
      process.stdin.once('data', () => process.exit());`);
    const pid = server.pid!;
    const printed = once(server.stdout!, 'data');
    const running = await compilers(pid, (count) => count > 1, 20_000);
    server.stdin!.write('abort');

    expect(String((await printed)[0])).toBe('AbortError\n');
    const left = await compilers(pid, (count) => count === 1, GONE_WITHIN_MS);
    expect([running.length, left.length]).toEqual([2, 1]);
    server.stdin!.write('exit');
    await once(server, 'exit');
  }, 60_000);

  test('inherits no environment, no folder and no files of the server', async () => {
    const server = spawn(
      'sh',
      [
        '-c',
        'exec 9</etc/passwd; exec "$0" "$@"',
        process.execPath,
        '--eval',
        script("await runtime.loadPluginBytes('a', small); console.log('loaded'); process.stdin.resume();"),
      ],
      { cwd: ROOT, env: { ...process.env, SECRET: 'of the server' }, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    servers.push(server);
    await once(server.stdout!, 'data');
    // The process that compiled has ended by then, and the waiting one has closed what it inherited.
    await setTimeout(2_000);
    const [spare] = await compilers(server.pid!, (count) => count === 1, 20_000);
    const files = readdirSync(`/proc/${spare}/fd`).map((file) => readlinkSync(`/proc/${spare}/fd/${file}`));

    expect(readFileSync(`/proc/${spare}/environ`, 'utf8')).toBe('');
    expect(readlinkSync(`/proc/${spare}/cwd`)).toBe('/');
    expect(files.filter((file) => !/^(pipe|anon_inode):/.test(file) && file !== '/dev/null')).toEqual([]);
    server.kill();
    await once(server, 'exit');
  }, 60_000);

  /** A server under a limit on the threads and processes of its user, and what it prints. A server that dies gets one more. */
  async function withFewThreads(limit: number): Promise<{ server: ChildProcess; printed: string }> {
    const user = 61_234;
    const server = spawn(
      'sh',
      [
        '-c',
        `ulimit -u ${limit} 2>/dev/null || ulimit -p ${limit}; exec "$0" "$@"`,
        process.execPath,
        '--eval',
        script(
          "const error = await runtime.loadPluginBytes('small', small, { isolate: { timeoutMs: 5_000 } }).catch((reason) => reason); console.log(error.code ?? 'loaded'); process.stdin.resume();",
        ),
      ],
      { cwd: ROOT, uid: user, gid: user, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    servers.push(server);
    const ended = once(server, 'exit').then(() => undefined);
    const printed = await Promise.race([once(server.stdout!, 'data'), ended]);
    return printed === undefined ? await withFewThreads(limit + 1) : { server, printed: String(printed) };
  }

  const asRoot = process.getuid?.() === 0 ? test : test.skip;
  asRoot(
    'is refused and leaves nothing behind where there are too few threads for it',
    async () => {
      // The server needs about a dozen threads. The least limit under which it lives leaves no process for the compiler.
      const { server, printed } = await withFewThreads(16);

      expect(printed).toBe('ERR_ISOLATE\n');
      expect(await compilers(server.pid!, (count) => count === 0, GONE_WITHIN_MS)).toEqual([]);
      server.kill('SIGKILL');
      await once(server, 'exit');
    },
    60_000,
  );
});
