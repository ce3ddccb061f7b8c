import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CommandError, root } from './build/command.mjs';
import { freePort } from './build/port.mjs';

const DEADLINE_MS = 20_000;

/**
 * The first block of JavaScript or TypeScript of a page, unchanged.
 *
 * @param {string} page its path from the root of the repository
 */
export function firstLines(page) {
  return codeBlocks(page)[0];
}

/**
 * All blocks of a page in a language, unchanged.
 *
 * @param {string} page its path from the root of the repository
 * @param {string} [language] a pattern. Default: JavaScript or TypeScript
 */
export function codeBlocks(page, language = '[jt]s') {
  const text = readFileSync(path.join(root, page), 'utf8');
  return Array.from(text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs')), ([, lines]) => lines);
}

/**
 * Starts the server of a framework's page, and sends the request of the page. All pages have the same server: `POST /users`
 * with the plugin that validates e-mail addresses before and after the handler.
 *
 * @param {string} page its path from the root of the repository
 * @param {{ home: string, env: NodeJS.ProcessEnv }} consumer the folder that the package is installed in, and the
 *   environment of a process there
 */
export async function servePage(page, consumer) {
  const file = path.join(consumer.home, `${path.basename(page, '.md')}.page.mjs`);
  writeFileSync(file, firstLines(page));
  await serveFile(file, consumer);
}

/**
 * Does the same for code that is already in a JavaScript file.
 *
 * @param {string} file
 * @param {Parameters<typeof servePage>[1]} consumer
 */
export async function serveFile(file, { home, env }) {
  const port = await freePort();
  const server = spawn(process.execPath, [file], { cwd: home, env: { ...env, PORT: String(port) } });
  let output = '';
  server.stdout.on('data', (text) => (output += text));
  server.stderr.on('data', (text) => (output += text));
  const ended = once(server, 'exit');
  try {
    const url = `http://127.0.0.1:${port}/users`;
    await post(url, { email: ' Ada@Example.com ' }, 201, { email: 'ada@example.com', email_domain: 'example.com' });
    await post(url, { email: 'ada' }, 422, { status: 422, error: 'email is not valid' });
  } catch (error) {
    throw new CommandError(`${error.message}\n${output}`, { cause: error });
  } finally {
    server.kill();
    await ended;
  }
}

async function post(url, body, status, expected) {
  const response = await fetchWhenUp(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  const differs = Object.keys(expected).some((key) => answer[key] !== expected[key]);
  const isProblem = response.headers.get('content-type').startsWith('application/problem+json');
  if (response.status !== status || differs || isProblem !== status >= 400) {
    throw new CommandError(`${JSON.stringify(body)} gets the response ${response.status} ${JSON.stringify(answer)}`);
  }
}

/** Another process has no event to wait for, so this asks until it listens. */
async function fetchWhenUp(url, request) {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await fetch(url, request);
    } catch (error) {
      if (performance.now() > deadline) {
        throw new CommandError('the server does not listen', { cause: error });
      }
      await setTimeout(50);
    }
  }
}
