// Uses the page of `hookcell playground` in a headless Chromium, as an author would: with a mouse, with the keyboard alone, and on a
// narrow screen.
//
//   npm run playground [-- --full] [--pictures FOLDER]
//
// It is skipped where there is no Chromium (CHROMIUM, or `chromium` in the PATH); --full makes that an error.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkPage, overflow, picture } from './browser/chromium.mjs';
import { CommandError, main, root, run } from './build/command.mjs';

const home = mkdtempSync(path.join(tmpdir(), 'hookcell playground '));
const command = path.join(root, 'packages/cli/dist/main.js');
const hostile = '<img src=x onerror=document.title=1>\u202E';

const source = (suffix) => `
import { reject } from '@hookcell/javascript';
export const before_hook = (ctx) => {
  const { input } = ctx;
  if (input.fail) throw new Error(${JSON.stringify(hostile)});
  if (input.loop) for (;;) input.loop += 1;
  console.log('an order of', input.quantity, ${JSON.stringify(hostile)});
  console.warn('stock is low');
  if (input.quantity > 100) return reject('at most 100 of an item', [{ field: 'quantity' }]);
  input.item = input.item.trim().toLowerCase() + '${suffix}' + (ctx.config?.mark ?? '');
  return ctx;
};
`;

/** @type {Record<string, import('./browser/chromium.mjs').Check>} */
const checks = {
  async 'an author runs a call, and sees the result, what changed, the log, and what it used of each limit'(page) {
    await page.locator('#run').click();
    await page.locator('#summary.accepted').waitFor();
    assert.deepEqual(await page.locator('#difference .gone').allTextContents(), ['-    "item": " Green Tea ",']);
    assert.deepEqual(await page.locator('#difference .new').allTextContents(), ['+    "item": "green tea",']);
    assert.match(await page.locator('#log .info').textContent(), /an order of 3/);
    assert.match(await page.locator('#log .warn').textContent(), /stock is low/);
    assert.match(await page.locator('#answer').textContent(), /"ok": true/);
    for (const name of ['fuel', 'memory', 'time']) {
      const meter = page.getByRole('meter', { name: `${name}, of its limit` });
      const [value, most] = await meter.evaluate((each) => [each.value, each.max]);
      assert.ok(value > 0 && value <= most, `${name}: ${value} of ${most}`);
    }
    await picture(page, 'wide');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'wide-dark');
  },

  async 'a rejection and a fault say why, and text of a plugin is never markup'(page) {
    await edit(page, { input: { item: 'tea', quantity: 101 } });
    await page.locator('#run').click();
    await page.locator('#summary.rejected').waitFor();
    assert.match(await page.locator('#summary').textContent(), /at most 100 of an item/);
    await edit(page, { input: { fail: true } });
    await page.locator('#run').click();
    await page.locator('#summary.faulted').waitFor();
    const told = await page.locator('#summary').textContent();
    assert.ok(told.includes('<img src=x') && !told.includes('\u202E'), told);
    assert.equal(await page.locator('#summary img, #log img').count(), 0);
    assert.equal(await page.title(), 'hookcell playground');
    await picture(page, 'fault');
  },

  async 'a hook without an end is stopped at its limit, and the page goes on'(page) {
    await edit(page, { input: { loop: 1 } });
    await page.locator('#run').click();
    await page.getByText('ERR_FUEL').first().waitFor();
    await edit(page, { input: { item: 'x', quantity: 1 } });
    await page.locator('#run').click();
    await page.locator('#summary.accepted').waitFor();
  },

  async 'a mistake in the context is told before a call is made'(page) {
    await page.locator('#context').fill('{ "input": ');
    const mistake = page.getByRole('alert').filter({ hasText: 'not JSON' });
    await mistake.waitFor();
    assert.equal(await page.locator('#context').getAttribute('aria-invalid'), 'true');
    await page.locator('#run').click();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'context');
    assert.equal(await page.locator('#summary').textContent(), 'Nothing has run yet.');
    await edit(page, { input: {} });
    assert.equal(await mistake.count(), 0);
  },

  async 'a config is given to the plugin, and saved with the call'(page) {
    await page.getByText('Config', { exact: true }).click();
    await page.locator('#config').fill('{ "mark": ');
    await page.locator('#wrong-config').getByText('not JSON').waitFor();
    await page.locator('#run').click();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'config');
    await page.locator('#config').fill('{ "mark": "!" }');
    await page.locator('#run').click();
    await page.getByText('"item": "green tea!"').first().waitFor();
    await page.locator('#name').fill('with a config');
    await page.keyboard.press('Enter');
    await page.getByText('with-a-config.json').waitFor();
    assert.deepEqual(JSON.parse(readFileSync(path.join(home, 'fixtures/with-a-config.json'), 'utf8')).config, {
      mark: '!',
    });
    await picture(page, 'config');
  },

  async 'the keyboard alone is enough to run a call and to save it as a fixture that passes'(page) {
    await page.locator('#start').focus();
    const visited = ['start'];
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press('Tab');
      visited.push(await page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim()));
    }
    assert.deepEqual(visited, ['start', 'hook', 'context', 'Config', 'run', 'name', 'Save']);
    await page.locator('#context').focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('{"input":{"item":" Cup","quantity":2}}');
    await page.keyboard.press('Control+Enter');
    await page.locator('#summary.accepted').waitFor();
    await page.keyboard.press('Control+s');
    await page.getByText('A fixture needs a name.').waitFor();
    await page.keyboard.type('../a cup & more');
    await page.keyboard.press('Control+s');
    await page.getByText('a-cup-more.json').waitFor();
    const file = path.join(home, 'fixtures', 'a-cup-more.json');
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).expected.ctx.input.item, 'cup');
    const args = [command, 'test', path.dirname(file), '--plugin', path.join(home, 'plugin.wasm')];
    await run(process.execPath, args, { output: 'capture' });
    await page.keyboard.press('Control+s');
    await page.getByText('is there already').waitFor();
    await page.locator('#start').selectOption('../a cup & more');
    assert.match(await page.locator('#context').inputValue(), /" Cup"/);
  },

  async 'the page makes the call again when the file of the plugin changes'(page) {
    await page.locator('#run').click();
    await page.getByText('"item": "green tea"').first().waitFor();
    for (const suffix of [' twice', ' again']) {
      await writePlugin(suffix);
      await page.getByText(`"item": "green tea${suffix}"`).first().waitFor();
    }
    writeFileSync(path.join(home, 'plugin.wasm'), 'no module');
    await page.getByRole('alert').filter({ hasText: 'ERR_' }).waitFor();
    await page.locator('#summary.refused').waitFor();
    await writePlugin('');
    await page.locator('#summary.accepted').waitFor();
    assert.equal(await page.getByRole('alert').filter({ hasText: 'ERR_' }).count(), 0);
  },

  async 'it fits a screen of 360 pixels, light and dark, and moves nothing if the user wants no motion'(page) {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await edit(page, { input: { item: 'Very'.repeat(60), quantity: 1 } });
    await page.locator('#run').click();
    await page.locator('#summary.accepted').waitFor();
    assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
    assert.equal(await overflow(page), 0);
    await picture(page, 'narrow');
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    assert.equal(await overflow(page), 0);
    await picture(page, 'narrow-dark');
  },

  async 'nothing but the files of the page runs in it'(page) {
    const blocked = await page.evaluate(() => {
      const violations = [];
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        violations.push(effectiveDirective),
      );
      const script = document.createElement('script');
      try {
        script.textContent = 'document.title = "changed"';
        document.head.append(script);
      } catch {
        violations.push('trusted-types');
      }
      return new Promise((resolve) => setTimeout(() => resolve(violations), 200));
    });
    assert.ok(blocked.length > 0);
    assert.equal(await page.title(), 'hookcell playground');
  },
};

async function edit(page, context) {
  await page.locator('#context').fill(JSON.stringify(context, undefined, 2));
}

async function writePlugin(suffix) {
  const { buildPlugin } = createRequire(import.meta.url)('@hookcell/javascript');
  const { wasm } = await buildPlugin({ source: source(suffix), resolveDir: root });
  const part = path.join(home, 'plugin.wasm.part');
  writeFileSync(part, wasm);
  renameSync(part, path.join(home, 'plugin.wasm'));
}

async function startPlayground() {
  await run(process.execPath, ['scripts/setup.mjs']);
  await writePlugin('');
  const context = {
    input: { item: ' Green Tea ', quantity: 3 },
    user: { id: 'ada', role: 'buyer' },
    tenant_id: 'acme',
  };
  writeFileSync(path.join(home, 'context.json'), JSON.stringify(context));
  const args = [command, 'playground', 'plugin.wasm', '--context', 'context.json', '--json'];
  const child = spawn(process.execPath, args, { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  const ended = once(child, 'exit').then(() => {
    throw new CommandError('the playground did not start');
  });
  ended.catch(() => {});
  while (!text.includes('}')) {
    await Promise.race([once(child.stdout, 'data'), ended]);
  }
  return { address: JSON.parse(text).url, stop: () => child.kill() };
}

await main(async () => {
  try {
    await checkPage({
      subject: 'playground',
      start: startPlayground,
      ready: (page) => page.waitForFunction(() => document.querySelector('#context').value !== ''),
      checks,
    });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
