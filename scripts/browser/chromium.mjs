// A headless Chromium that uses a page as a person would. The system's Chromium is driven by what the lock file beside this one says.

import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError, root, runNpm } from '../build/command.mjs';

const tools = path.join(root, 'target', 'browser');
const { values } = parseArgs({ options: { full: { type: 'boolean' }, pictures: { type: 'string' } } });

/** A check of a page. @typedef {(page: import('playwright-core').Page) => Promise<void>} Check */

/**
 * Makes checks one after the other, each in a page of its own, and prints how many passed. They are skipped where there is no
 * Chromium (CHROMIUM, or `chromium` in the PATH); `--full` makes that an error.
 *
 * @param {{ subject: string, start: () => Promise<{ address: string, stop: () => void }>, ready: Check, checks: Record<string, Check> }} page
 */
export async function checkPage({ subject, start, ready, checks }) {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    const problem = 'the page was NOT tried, because there is no Chromium: install it, or name it in CHROMIUM';
    if (values.full) {
      throw new CommandError(problem);
    }
    console.log(`${subject}: ${problem}\n0 passed, 0 failed, 1 skipped`);
    return;
  }
  const server = await start();
  try {
    await installTools();
    const { chromium } = createRequire(path.join(tools, 'package.json'))('playwright-core');
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
    try {
      for (const [name, check] of Object.entries(checks)) {
        await inPage(browser, server.address, { subject, name, ready, check });
      }
      console.log(`${Object.keys(checks).length} passed, 0 failed`);
    } finally {
      await browser.close();
    }
  } finally {
    server.stop();
  }
}

/** Saves a picture of the page, if `--pictures` names a folder. */
export async function picture(page, name) {
  if (values.pictures !== undefined) {
    await page.screenshot({ path: path.join(values.pictures, `${name}.png`), fullPage: true });
  }
}

/** By how many pixels the page is wider than its window. */
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

async function inPage(browser, address, { subject, name, ready, check }) {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 900 } });
  page.setDefaultTimeout(20_000);
  const errors = [];
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(address);
  await ready(page);
  try {
    await check(page);
    assert.deepEqual(errors, []);
    console.log(`${subject}: ${name}`);
  } catch (cause) {
    throw new CommandError(`${subject}: "${name}" is not so: ${cause.message}`, { cause });
  } finally {
    await page.close();
  }
}

function findChromium() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  const named = folders.flatMap((folder) => ['chromium', 'chromium-browser'].map((name) => path.join(folder, name)));
  return [process.env.CHROMIUM, ...named].find((file) => file && existsSync(file));
}

/** Installs what drives the browser as the lock file says, in a folder of its own, because nothing else needs it. */
async function installTools() {
  const source = path.join(root, 'scripts', 'browser');
  const wanted = readFileSync(path.join(source, 'package-lock.json'), 'utf8');
  const current = path.join(tools, 'installed.json');
  if (existsSync(current) && readFileSync(current, 'utf8') === wanted) {
    return;
  }
  mkdirSync(tools, { recursive: true });
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    cpSync(path.join(source, file), path.join(tools, file));
  }
  await runNpm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: tools });
  writeFileSync(current, wanted);
}
