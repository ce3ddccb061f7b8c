// The licenses of everything that is compiled into the addon. Each requires that its text is shipped with the code.

import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, root, run } from './command.mjs';

// npm packs files of these names without being asked to.
const own = { 'LICENSE-APACHE': 'LICENSE.apache.txt', 'LICENSE-MIT': 'LICENSE.mit.txt' };
const standardLibrary = 'LICENSE.rust.html';
const thirdParty = 'LICENSE.third-party.txt';

/** The files that {@link writeLicenses} writes. */
export const licenseFiles = [...Object.values(own), standardLibrary, thirdParty];

// Some crates of these projects are published without the license text that the other crates have.
const wasmtime = /^(cranelift|pulley|wasmtime)-/;
const napi = /^napi(-|$)/;

const licenseFile = /^(licen[cs]e|copying|copyright|notice|unlicense)/i;

/**
 * Writes the licenses into the package of an addon. They are the same for every system.
 *
 * @param {string} folder
 */
export async function writeLicenses(folder) {
  for (const [from, to] of Object.entries(own)) {
    copyFileSync(path.join(root, from), path.join(folder, to));
  }
  const sysroot = (await run('rustc', ['--print', 'sysroot'], { output: 'capture' })).trim();
  copyFileSync(path.join(sysroot, 'share/doc/rust/COPYRIGHT-library.html'), path.join(folder, standardLibrary));
  writeFileSync(path.join(folder, thirdParty), describe(await linkedCrates()));
}

/** The third-party crates in the addon, on any of its systems. */
async function linkedCrates() {
  const settings = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).napi;
  const systems = settings.targets.flatMap((target) => ['--filter-platform', target]);
  const args = ['metadata', '--format-version=1', '--locked', ...systems];
  const { packages, resolve } = JSON.parse(await run('cargo', args, { output: 'capture' }));
  const crates = new Map(packages.map((crate) => [crate.id, crate]));
  const dependencies = new Map(resolve.nodes.map(({ id, deps }) => [id, deps]));
  const linked = new Set([resolve.root]);
  // The loop also visits what is added to the set meanwhile.
  for (const id of linked) {
    for (const { pkg, dep_kinds: kinds } of dependencies.get(id)) {
      if (kinds.some(({ kind }) => kind === null) && !isMacro(crates.get(pkg))) {
        linked.add(pkg);
      }
    }
  }
  return [...linked].map((id) => crates.get(id)).filter(({ source }) => source !== null);
}

/** A macro runs in the compiler, and is not linked. */
function isMacro({ targets }) {
  return targets.some(({ kind }) => kind.includes('proc-macro'));
}

function describe(crates) {
  const cratesByText = new Map();
  for (const crate of crates) {
    for (const text of licensesOf(crate, crates)) {
      const key = text.replaceAll(/\s+/g, ' ').trim();
      const entry = cratesByText.get(key) ?? { text, names: [] };
      cratesByText.set(key, entry);
      entry.names.push(`${crate.name} ${crate.version} (${crate.license})`);
    }
  }
  const rule = '='.repeat(80);
  const entries = [...cratesByText.values()].map(({ text, names }) =>
    [rule, ...names.toSorted(), rule, '', text.trim(), ''].join('\n'),
  );
  return [`The addon is made of hookcell itself, Rust's standard library (${standardLibrary}), and these:\n`]
    .concat(entries.toSorted())
    .join('\n');
}

function licensesOf(crate, crates) {
  const folders = [folderOf(crate)];
  if (wasmtime.test(crate.name)) {
    folders.push(folderOf(crates.find(({ name, license }) => name === 'wasmtime' && license === crate.license)));
  } else if (napi.test(crate.name)) {
    folders.push(path.join(root, 'node_modules', '@napi-rs', 'cli'));
  }
  for (const folder of folders) {
    const names = readdirSync(folder).filter((name) => licenseFile.test(name));
    if (names.length > 0) {
      return names.map((name) => readFileSync(path.join(folder, name), 'utf8'));
    }
  }
  throw new CommandError(`${crate.name} ${crate.version} (${crate.license}) comes without the text of its license`);
}

function folderOf({ manifest_path: manifest }) {
  return path.dirname(manifest);
}
