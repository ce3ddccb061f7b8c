import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';

import { Folder } from './support/folder';
import { COMMAND } from './support/hookcell';

const folder = new Folder();
const DOWN = '\u001B[B';
const ENTER = '\r';
const CTRL_C = '\u0003';

/** The program `script` of util-linux, which gives a command a pseudo terminal; other systems have none, or another one. */
const hasTerminals = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') === true;
const onTerminals = hasTerminals ? test : test.skip;

/** `hookcell init` on a terminal of its own. */
class Session {
  readonly #child: ChildProcessWithoutNullStreams;
  #screen = '';

  constructor(...args: readonly string[]) {
    const words = [process.execPath, COMMAND, 'init', ...args].map((word) => JSON.stringify(word));
    const command = `stty cols 100 rows 40; ${words.join(' ')}`;
    this.#child = spawn('script', ['-qec', command, '/dev/null'], { cwd: folder.path });
  }

  /** Resolves when the terminal shows the text, and rejects if the command ends before. */
  async shows(text: string): Promise<void> {
    const ended = once(this.#child, 'close').then(() => {
      throw new Error(`the command ended, and showed ${this.#screen}`);
    });
    ended.catch(() => {});
    while (!this.#screen.includes(text)) {
      const [chunk] = (await Promise.race([once(this.#child.stdout, 'data'), ended])) as [Buffer];
      this.#screen += String(chunk);
    }
  }

  press(...keys: readonly string[]): void {
    this.#child.stdin.write(keys.join(''));
  }

  /** Resolves with the exit code. */
  async ends(): Promise<unknown> {
    const [code] = await once(this.#child, 'close');
    return code;
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGKILL');
  }
}

onTerminals('init asks on a terminal, and makes what the answers say', async () => {
  using session = new Session();
  await session.shows('Where is the plugin to be made?');
  session.press('orders', ENTER);
  await session.shows('Which language is the plugin in?');
  session.press(DOWN, DOWN, DOWN, ENTER);
  expect(await session.ends()).toBe(0);
  expect(readdirSync(folder.at('orders'))).toContain('Cargo.toml');
});

onTerminals('init asks only for what the arguments do not say', async () => {
  using session = new Session('named');
  await session.shows('Which language is the plugin in?');
  session.press(ENTER);
  expect(await session.ends()).toBe(0);
  expect(readdirSync(folder.at('named'))).toContain('tsconfig.json');
  using quiet = new Session('quiet', '--lang', 'zig');
  expect(await quiet.ends()).toBe(0);
  expect(readdirSync(folder.at('quiet'))).toContain('src');
});

onTerminals('init makes nothing if the user gives up, and exits with 2', async () => {
  const before = readdirSync(folder.path);
  using session = new Session();
  await session.shows('Where is the plugin to be made?');
  session.press(CTRL_C);
  expect(await session.ends()).toBe(2);
  expect(readdirSync(folder.path)).toEqual(before);
});
