// Builds the plugins of pdk/ from source, installs their compilers as needed, and checks the plugins with pdk/cases.json.
//
//   node scripts/build-plugins.mjs [language…]           builds, and writes pdk/<language>/validate_email.wasm
//   node scripts/build-plugins.mjs --run [language…]     runs every case on the committed modules; needs no compiler
//   node scripts/build-plugins.mjs --check [language…]   builds elsewhere, and runs every case on both modules
//
// A plugin in Python is large, and its builder comes with this repository: it is built into target/, and its digest is committed.
// A language whose compiler is missing and cannot be installed is skipped, with the reason. If it was named, it fails.

import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect, parseArgs } from 'node:util';
import { CommandError, main } from './build/command.mjs';
import { assemblyscript } from './plugins/assemblyscript.mjs';
import { c } from './plugins/c.mjs';
import { MissingCompiler, workshop } from './plugins/compiler.mjs';
import { examplesOf, tryExample } from './plugins/examples.mjs';
import { javascript } from './plugins/javascript/javascript.mjs';
import { fileOf, isKept, keep } from './plugins/kept.mjs';
import { python } from './plugins/python/python.mjs';
import { rust } from './plugins/rust.mjs';
import { compare, questions, verify } from './plugins/verify.mjs';
import { wat } from './plugins/wat.mjs';
import { zig } from './plugins/zig.mjs';
import { emptyTally, format } from './suites/tally.mjs';

const languages = [assemblyscript, rust, zig, c, wat, javascript, python];
const names = languages.map(({ name }) => name).join('|');
const usage = `usage: node scripts/build-plugins.mjs [--run|--check] [${names}]…`;

await main(async () => {
  const { mode, chosen, named } = readArguments();
  const tally = emptyTally();
  for (const language of chosen) {
    const say = (text) => console.log(`${language.name}: ${text}`);
    try {
      for (const result of await mode(language, say)) {
        count(result, tally, say);
      }
    } catch (error) {
      if (error instanceof MissingCompiler && !named) {
        say(`SKIPPED: ${error.message}`);
        tally.skipped += questions;
      } else {
        const foreseen = error instanceof MissingCompiler || error instanceof CommandError;
        say(`FAILED: ${foreseen ? error.message : inspect(error)}`);
        tally.failed += 1;
      }
    }
  }
  console.log(format(tally));
  process.exitCode = tally.failed > 0 ? 1 : 0;
});

function readArguments() {
  const { values, positionals } = parse({ run: { type: 'boolean' }, check: { type: 'boolean' } });
  const chosen = positionals.map((name) => languages.find((language) => language.name === name));
  if (chosen.includes(undefined) || (values.run && values.check)) {
    throw new CommandError(usage);
  }
  const mode = (values.run && runCommitted) || (values.check && checkCommitted) || buildAndCommit;
  return { mode, chosen: chosen.length > 0 ? chosen : languages, named: chosen.length > 0 };
}

function parse(options) {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (cause) {
    throw new CommandError(usage, { cause });
  }
}

async function runCommitted(language, say) {
  const { name, engine } = language;
  await language.make?.(say);
  const ofEngine = engine?.run() ?? [];
  const ofExamples = examplesOf(language).map((example) => {
    const bytes = readFileSync(example.file);
    return sameDigest(language, example.file, bytes).concat(tryExample(example, bytes));
  });
  if (language.build === undefined) {
    return [ofEngine, ...ofExamples].flat();
  }
  const file = fileOf(language, 'validate_email');
  const bytes = readModule(file, say);
  return [ofEngine, sameDigest(language, file, bytes), verify(name, bytes), ...ofExamples].flat();
}

/** What is not committed is held against its digest, which is. */
function sameDigest(language, file, bytes) {
  return language.digests === undefined ? [] : sameBytes(language, file, bytes);
}

async function checkCommitted(language, say) {
  await language.make?.(say);
  const { check, run } = language.engine ?? {};
  const ofEngine = (await (check ?? run)?.(say)) ?? [];
  const results = [...ofEngine, ...(await checkCases(language, say))];
  for (const example of examplesOf(language)) {
    const rebuilt = await buildExample(language, example, say);
    const committed = readFileSync(example.file);
    const kept = sameBytes(language, example.file, rebuilt);
    results.push(...kept, ...tryExample(example, committed), ...tryExample(example, rebuilt));
  }
  return results;
}

/** The cases of validate_email, which C does not have. */
async function checkCases(language, say) {
  if (language.build === undefined) {
    return [];
  }
  const fresh = await build(language, say);
  const file = fileOf(language, 'validate_email');
  return [...sameBytes(language, file, fresh), ...compare(language.name, readModule(file, say), fresh)];
}

/** A compiler of one pinned release makes the same bytes everywhere, as the engines of JavaScript and Python do; rustc is of the machine. */
function sameBytes(language, file, rebuilt) {
  const name = `${path.relative('', file)} is what its sources give`;
  return language.pinned ? [{ name, failure: isKept(language, file, rebuilt) ? undefined : 'the bytes differ' }] : [];
}

async function commitCases(language, say) {
  if (language.build === undefined) {
    return [];
  }
  const fresh = await build(language, say);
  return commit(language, fileOf(language, 'validate_email'), fresh, verify(language.name, fresh), say);
}

async function buildAndCommit(language, say) {
  const { commit: commitEngine, run } = language.engine ?? {};
  const ofEngine = (await (commitEngine ?? run)?.(say)) ?? [];
  const results = [...ofEngine, ...(await commitCases(language, say))];
  for (const example of examplesOf(language)) {
    const bytes = await buildExample(language, example, say);
    results.push(...commit(language, example.file, bytes, tryExample(example, bytes), say));
  }
  return results;
}

/** Writes a module that does what it must. */
function commit(language, file, bytes, results, say) {
  if (results.every(({ failure }) => failure === undefined)) {
    keep(language, file, bytes);
  } else {
    say(`${path.relative('', file)} stays as it was`);
  }
  return results;
}

async function buildExample(language, example, say) {
  const file = path.join(workshop, 'check', `${language.name}-${example.name}.wasm`);
  mkdirSync(path.dirname(file), { recursive: true });
  await language.buildExample(example, file, say);
  return readModule(file, say);
}

/** Builds elsewhere first, so that a module that fails does not replace a good one. */
async function build(language, say) {
  const folder = path.join(workshop, 'check');
  const file = path.join(folder, `${language.name}.wasm`);
  mkdirSync(folder, { recursive: true });
  const start = performance.now();
  await language.build(file, say);
  say(`built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return readModule(file, say);
}

function readModule(file, say) {
  const bytes = readFileSync(file);
  say(`${path.relative('', file)}: ${bytes.length.toLocaleString('en')} bytes`);
  return bytes;
}

function count({ name, failure, skipped }, tally, say) {
  if (failure !== undefined) {
    say(`FAILED: ${name}: ${failure}`);
    tally.failed += 1;
  } else if (skipped === undefined) {
    tally.passed += 1;
  } else {
    say(`skipped: ${name}: ${skipped}`);
    tally.skipped += 1;
  }
}
