import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError, run } from '../../build/command.mjs';
import { MissingCompiler, orMissing, pdk, workshop } from '../compiler.mjs';

const engine = path.join(pdk, 'python', 'engine');
const folder = path.join(workshop, 'python', 'source');
const { suite, package: name, archive, sha256 } = JSON.parse(readFileSync(path.join(engine, 'source.json'), 'utf8'));

/**
 * CPython's archive of sources, from Debian's source packages, with the digest that source.json names.
 *
 * @returns {Promise<string>} the file
 */
export async function cpythonArchive(say) {
  const file = path.join(folder, archive);
  if (!existsSync(file)) {
    say(`fetching ${name} of Debian's ${suite}`);
    await orMissing("apt-get could not fetch CPython's sources", download);
  }
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  if (digest !== sha256) {
    throw new CommandError(`${archive} has the digest ${digest}, and source.json names ${sha256}`);
  }
  return file;
}

/** With a private configuration of APT: the machine's own suite may be another one. */
async function download() {
  rmSync(folder, { recursive: true, force: true });
  const state = path.join(folder, 'apt');
  for (const each of ['lists/partial', 'cache/archives/partial', 'parts']) {
    mkdirSync(path.join(state, each), { recursive: true });
  }
  const { uri, keyring } = mirror();
  const source = { Types: 'deb-src', URIs: uri, Suites: suite, Components: 'main', 'Signed-By': keyring };
  const lines = Object.entries(source).map(([key, value]) => `${key}: ${value}\n`);
  writeFileSync(path.join(state, 'parts', 'source.sources'), lines.join(''));
  const settings = {
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': path.join(state, 'parts'),
    'Dir::State::lists': path.join(state, 'lists'),
    'Dir::Cache': path.join(state, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  const configuration = path.join(state, 'apt.conf');
  writeFileSync(
    configuration,
    Object.entries(settings)
      .map(([key, value]) => `${key} "${value}";\n`)
      .join(''),
  );
  const env = { ...process.env, APT_CONFIG: configuration };
  await run('apt-get', ['update', '--quiet'], { env });
  await run('apt-get', ['source', '--quiet', '--download-only', name], { env, cwd: folder });
}

/** The mirror of Debian that this machine uses, and the keys of its archive. */
function mirror() {
  const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const parts = '/etc/apt/sources.list.d';
  const lists = existsSync(parts) ? readdirSync(parts).map((each) => path.join(parts, each)) : [];
  const texts = [...lists, '/etc/apt/sources.list'].filter(existsSync).map((each) => readFileSync(each, 'utf8'));
  const found = texts.map((text) => /^(?:URIs: *|deb +(?:\[[^\]]*\] +)?)(\S+\/debian)\/? *(?:\s|$)/m.exec(text)?.[1]);
  const uri = found.find((each) => each !== undefined);
  if (uri === undefined || !existsSync(keyring)) {
    throw new MissingCompiler("CPython's sources come from Debian, and APT on this machine knows no mirror of it");
  }
  return { uri, keyring };
}
