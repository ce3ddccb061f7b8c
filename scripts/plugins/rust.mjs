import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { run } from '../build/command.mjs';
import { MissingCompiler, orMissing, pdk, workshop } from './compiler.mjs';
import { debianRust } from './debian-rust.mjs';

const cwd = path.join(pdk, 'rust');
const target = 'wasm32-unknown-unknown';

/** Rust as rustup installs it, with a standard library for wasm32. */
const rustupRust = { name: 'rust', args: [], env: {} };

export const rust = {
  name: 'rust',

  /**
   * @param {string} output
   * @param {(text: string) => void} say
   * @param {string[]} [flags] for rustc, after those of .cargo/config.toml
   */
  async build(output, say, flags = []) {
    const folder = await build(['--package', 'validate_email'], say, flags);
    copyFileSync(path.join(folder, 'validate_email.wasm'), output);
  },

  example: (name) => `hookcell-pdk/examples/${name}.rs`,
  recipe: 'hook.rs',

  /** Builds an example of a crate in the workspace; a recipe of the cookbook is one too. */
  async buildExample({ name }, output, say) {
    const folder = await build(['--workspace', '--example', name], say, []);
    copyFileSync(path.join(folder, 'examples', `${name}.wasm`), output);
  },
};

async function build(what, say, flags) {
  const { name, args, env } = await toolChain(say);
  const folder = path.join(workshop, name);
  // Flags in these would replace those in the plugin's own .cargo/config.toml.
  const cleared = { RUSTFLAGS: undefined, CARGO_ENCODED_RUSTFLAGS: undefined };
  const options = { cwd, env: { ...process.env, ...env, ...cleared } };

  say('fetching the crates');
  await orMissing('cargo could not fetch the crates', () => run('cargo', ['fetch', '--locked'], options));
  say('compiling with cargo');
  const allFlags = `target.${target}.rustflags=${JSON.stringify([...renamedCrates(), ...flags])}`;
  const common = ['--release', '--locked', '--target', target, '--target-dir', folder, '--config', allFlags];
  await run('cargo', ['build', ...what, ...common, ...args], options);
  return path.join(folder, target, 'release');
}

/** Uses what is installed already, if possible. */
async function toolChain(say) {
  await orMissing('cargo was not found, see https://rustup.rs', () => ask('cargo', ['--version']));
  if (existsSync(await ask('rustc', ['--print', 'target-libdir', '--target', target]))) {
    return rustupRust;
  }
  if (debianRust.isInstalled()) {
    return debianRust;
  }
  say(`rustup target add ${target}`);
  try {
    await run('rustup', ['target', 'add', target], { cwd, env: { ...process.env, RUSTUP_DOWNLOAD_TIMEOUT: '60' } });
    return rustupRust;
  } catch (error) {
    const obstacle = debianRust.obstacle();
    if (obstacle !== undefined) {
      throw new MissingCompiler(`no standard library for ${target} (${error.message}; ${obstacle})`, { cause: error });
    }
    say(`${error.message}; installing Debian's packages of Rust instead`);
    await orMissing('apt-get could not install Rust', debianRust.install);
    return debianRust;
  }
}

async function ask(program, args) {
  return (await run(program, args, { cwd, output: 'capture' })).trim();
}

/** The message of a panic names its source file. This removes the folders of the compiling machine from the module. */
function renamedCrates() {
  const registry = path.join(process.env.CARGO_HOME ?? path.join(homedir(), '.cargo'), 'registry', 'src');
  return readdirSync(registry).map((name) => `--remap-path-prefix=${path.join(registry, name)}=crates`);
}
