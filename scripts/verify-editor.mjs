// Uses the editor page of the orders service in a headless Chromium, as a tenant would: with a mouse, with the keyboard alone, and on
// a narrow screen.
//
//   npm run editor [-- --full] [--pictures FOLDER]
//
// It is skipped where there is no Chromium (CHROMIUM, or `chromium` in the PATH); --full makes that an error.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { checkPage, overflow, picture } from './browser/chromium.mjs';
import { CommandError, main, root, run, runTool } from './build/command.mjs';

/** @type {Record<string, (page: import('playwright-core').Page) => Promise<void>>} */
const checks = {
  async 'a tenant sees its hook, tries it and saves it'(page) {
    assert.match(await page.locator('#source').inputValue(), /const minimum = 5/);
    await page.locator('#try').click();
    await page.getByText('at least 5 of an item').waitFor();
    const source = await page.locator('#source').inputValue();
    await page.locator('#source').fill(source.replace('minimum = 5', 'minimum = 2'));
    await page.locator('#save').click();
    await page.getByText('Saved.').waitFor();
    await page.locator('#try').click();
    await page.getByText('"item": "tea"').waitFor();
    await page.reload();
    await page.waitForFunction(() => document.querySelector('#source').value.includes('minimum = 2'));
  },

  async 'a mistake is shown at its line, and its message leads there'(page) {
    await page.locator('#source').fill('export const before_hook = () => {\n  const total: = 1;\n};\n');
    await page.locator('#save').click();
    await page.getByText('Not saved').waitFor();
    const message = page.getByRole('alert').getByRole('button');
    assert.match(await message.textContent(), /^Line 2, column 16: /);
    assert.equal(await page.locator('#lines mark').textContent(), '2\n');
    await picture(page, 'mistake');
    await message.click();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'source');
    assert.equal(await page.locator('#source').evaluate((source) => source.selectionStart), 35 + 15);
    await page.keyboard.type('number');
    assert.equal(await page.getByRole('alert').count(), 0);
    await page.keyboard.press('Control+Enter');
    await page.getByText('"ok": true').waitFor();
  },

  async 'a top level without an end is a mistake at its line'(page) {
    await page.locator('#source').fill('export const before_hook = () => {};\nlet n = 0;\nwhile (true) n++;\n');
    await page.locator('#try').click();
    await page.getByRole('alert').waitFor();
    assert.match(await page.getByRole('alert').textContent(), /^Line 3, column 1: .*fuel/);
  },

  async 'a hook that throws shows its fault, and text of a plugin is never markup'(page) {
    const source = 'export const before_hook = () => { throw new Error("<img src=x onerror=document.title=1>"); };';
    await page.locator('#source').fill(source);
    await page.locator('#try').click();
    await page.getByText('<img src=x').first().waitFor();
    assert.equal(await page.locator('#result img').count(), 0);
    assert.equal(await page.title(), 'Your hook');
  },

  async 'the keyboard alone is enough'(page) {
    await page.locator('#tenant').focus();
    const visited = [];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      visited.push(await page.evaluate(() => document.activeElement.id));
    }
    assert.deepEqual(visited, ['source', 'save', 'context', 'try', 'result', '']);
    await page.locator('#source').focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('export const before_hook = () => ({ data: "by keyboard" });');
    await page.keyboard.press('Control+s');
    await page.getByText('Saved.').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.getByText('"data": "by keyboard"').waitFor();
    await picture(page, 'wide');
  },

  async 'it fits a screen of 360 pixels, light and dark'(page) {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.locator('#source').fill(`export const before_hook = () => {};\nlet ${'very'.repeat(40)}: = 1;`);
    await page.locator('#save').click();
    await page.getByText('Not saved').waitFor();
    assert.equal(await overflow(page), 0);
    await picture(page, 'narrow');
    await page.emulateMedia({ colorScheme: 'dark' });
    assert.equal(await overflow(page), 0);
    await picture(page, 'narrow-dark');
  },
};

async function startServer() {
  await run(process.execPath, ['scripts/setup.mjs']);
  await runTool('typescript', ['--project', 'examples'], { command: 'tsc' });
  const port = await freePort();
  const child = spawn(process.execPath, [path.join(root, 'target', 'examples', 'orders', 'main.js')], {
    cwd: root,
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const started = once(createInterface(child.stdout), 'line');
  const ended = once(child, 'exit').then(() => {
    throw new CommandError('the example did not start');
  });
  ended.catch(() => {});
  await Promise.race([started, ended]);
  return { address: `http://localhost:${port}/editor`, stop: () => child.kill() };
}

async function freePort() {
  const probe = createServer().listen(0);
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  return port;
}

await main(() =>
  checkPage({
    subject: 'editor',
    start: startServer,
    ready: (page) => page.waitForFunction(() => document.querySelector('#source').value !== ''),
    checks,
  }),
);
