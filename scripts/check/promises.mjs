import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root } from '../build/command.mjs';

const page = 'docs/security.md';
const homes = ['crates/host/tests', 'crates/host/src', 'src', 'packages', '__test__'];

const files = homes.flatMap((home) =>
  readdirSync(path.join(root, home), { recursive: true }).map((file) => path.join(root, home, file)),
);

/** Every test that the page names exists. It is in quotes, after the name of its file, which may include folders. */
export function checkPromises() {
  const text = readFileSync(path.join(root, page), 'utf8').replaceAll(/\s+/g, ' ');
  const promises = text.slice(text.indexOf('## What is promised'), text.indexOf('## What is not promised'));
  const unfounded = [];
  let found = 0;
  let file;
  for (const [, fileName, testName] of promises.matchAll(/`([\w/-]+(?:\.test)?\.(?:rs|ts))`|"([^"]+)"/g)) {
    if (testName === undefined) {
      file = fileName;
    } else if (isIn(file, testName)) {
      found += 1;
    } else {
      unfounded.push(`${file}: ${testName}`);
    }
  }
  if (found === 0 || unfounded.length > 0) {
    throw new CommandError([`${page} names tests that do not exist:`, ...unfounded].join('\n'));
  }
  console.log(`${page} names ${found} tests`);
}

function isIn(fileName, testName) {
  const ending = path.join(path.sep, fileName);
  const texts = files.filter((file) => file.endsWith(ending)).map((file) => readFileSync(file, 'utf8'));
  const spellings = fileName.endsWith('.rs')
    ? [`fn ${testName}(`]
    : ["'", '"', '`'].map((quote) => quote + testName + quote);
  return texts.some((text) => spellings.some((spelling) => text.includes(spelling)));
}
