import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, run } from '../build/command.mjs';
import { freePort, untilListening } from '../build/port.mjs';

/** The port that the servers of the tutorials have if nothing says otherwise. */
const port = /\blocalhost:3000\b/g;

/**
 * Does what a page says.
 *
 * @param {string} page
 * @param {string} folder an empty one
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<number>} how many blocks it has
 * @throws {CommandError} that names the line of the block that does not do what the page says
 */
export async function follow(page, folder, env) {
  const reader = new Reader(folder, { ...env, PORT: String(await freePort()) });
  const blocks = blocksOf(readFileSync(page, 'utf8'));
  try {
    for (const block of blocks) {
      await reader.read(block).catch((cause) => {
        throw new CommandError(`${path.basename(page)}:${block.line}: ${cause.message}`, { cause });
      });
    }
  } finally {
    await reader.leave();
  }
  return blocks.length;
}

/** The blocks of a page in order: their language, the word after it, their text, and their line. */
function blocksOf(text) {
  return Array.from(text.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms), ([, language, word, content], index) => ({
    language,
    word,
    content,
    line: lineOf(text, index),
  }));
}

function lineOf(text, index) {
  const start = [...text.matchAll(/^```\w/gm)][index].index;
  return text.slice(0, start).split('\n').length;
}

/** A reader who does what a page says, and stays in the folder that its commands went to. */
class Reader {
  #folder;
  #env;
  #server;
  #printed;

  constructor(folder, env) {
    this.#folder = folder;
    this.#env = env;
  }

  async read({ language, word, content }) {
    if (language === 'text') {
      expectPrinted(this.#printed, content);
    } else if (language !== 'sh') {
      this.#write(word, content);
    } else if (word === 'server') {
      await this.#serve(content);
    } else {
      await this.#command(content);
    }
  }

  /** Ends the server. */
  async leave() {
    if (this.#server !== undefined && this.#server.exitCode === null) {
      const ended = once(this.#server, 'exit');
      this.#server.kill();
      await ended;
    }
  }

  #write(name, content) {
    if (name === undefined) {
      throw new CommandError('the block has no name of a file');
    }
    const file = path.join(this.#folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  async #command(content) {
    const end = '\u0001';
    // The last line says where the commands went.
    const script = `set -euo pipefail\n${content.replaceAll(port, `localhost:${this.#env.PORT}`)}\nprintf '${end}%s' "$PWD"\n`;
    const options = { cwd: this.#folder, env: this.#env, output: 'capture', title: content.trim() };
    const printed = await run('bash', ['-c', script], options);
    [this.#printed, this.#folder] = printed.split(end);
  }

  async #serve(content) {
    const script = `exec ${content.trim()}`;
    this.#server = spawn('bash', ['-c', script], { cwd: this.#folder, env: this.#env, stdio: 'inherit' });
    await untilListening(Number(this.#env.PORT));
  }
}

function expectPrinted(printed, expected) {
  const pattern = expected
    .trim()
    .split('…')
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^]*');
  if (!new RegExp(`^${pattern}$`).test(printed.trim())) {
    throw new CommandError(`the commands print\n${printed.trim()}\ninstead of\n${expected.trim()}`);
  }
}
