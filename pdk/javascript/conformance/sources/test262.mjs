// test262, the conformance suite of the language. No package of npm, PyPI or crates.io carries it; the sources of Qt's engine, which
// Debian distributes, do: its state of 2018, with 30,000 tests.

import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { run } from '../../../../scripts/build/command.mjs';
import { debianSource } from './debian.mjs';

const source = {
  package: 'qtdeclarative-opensource-src',
  release: 'bookworm',
  archive: 'qtdeclarative-opensource-src_5.15.8+dfsg.orig.tar.xz',
  sha256: 'e6d0680863bcc5a03c44cffe80c0c40711227eec5e126ee0f88fe023864eedcc',
};
const inside = 'qtdeclarative-everywhere-src-5.15.8/tests/auto/qml/ecmascripttests/test262';

/** The folder with test262. Fetches it if it is not there. */
export async function fetchTest262(workshop) {
  const folder = path.join(workshop, 'test262');
  const suite = path.join(folder, 'suite');
  if (!existsSync(path.join(suite, 'test'))) {
    mkdirSync(suite, { recursive: true });
    const archive = await debianSource(source, folder);
    const depth = `--strip-components=${inside.split('/').length}`;
    const parts = ['harness', 'test', 'LICENSE'].map((part) => `${inside}/${part}`);
    await run('tar', ['--extract', '--xz', '--file', archive, depth, '--directory', suite, ...parts]);
  }
  return suite;
}
