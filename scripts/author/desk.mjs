import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../build/command.mjs';
import { packRustKit } from '../build/kits.mjs';
import { MissingCompiler, workshop } from '../plugins/compiler.mjs';
import { installZig, zigPrograms } from '../plugins/zig.mjs';
import { startRegistry } from './registry.mjs';

const target = 'wasm32-unknown-unknown';

/**
 * Where a plugin's author sits: an empty folder, and the environment of programs there. For them, hookcell's packages are
 * published: npm and cargo find what was packed, and everything else in their registries.
 */
export class Desk {
  /** @param {string} home @param {NodeJS.ProcessEnv} env @param {{ close(): Promise<void> }} registry */
  constructor(home, env, registry) {
    this.home = home;
    this.env = env;
    this.registry = registry;
  }

  /** @param {string[]} tarballs those of `npm run pack` */
  static async open(tarballs) {
    const registry = await startRegistry(tarballs);
    // A folder with a space, as users have. The temporary one may be behind a link.
    const home = mkdtempSync(path.join(realpathSync(tmpdir()), 'hookcell author '));
    const cache = path.join(workshop, 'zig-cache');
    const npmCache = path.join(workshop, 'npm');
    // npx keeps what it ran, and a package here changes without another version.
    rmSync(path.join(npmCache, '_npx'), { recursive: true, force: true });
    return new Desk(
      home,
      {
        ...withoutNpm(process.env),
        PATH: [zigPrograms, process.env.PATH].join(path.delimiter),
        CARGO_TARGET_DIR: path.join(workshop, 'author'),
        NO_COLOR: '1',
        ZIG_GLOBAL_CACHE_DIR: cache,
        ZIG_LOCAL_CACHE_DIR: cache,
        npm_config_audit: 'false',
        npm_config_cache: npmCache,
        npm_config_fund: 'false',
        npm_config_prefer_offline: 'true',
        npm_config_registry: registry.url,
        npm_config_update_notifier: 'false',
        npm_config_yes: 'true',
      },
      registry,
    );
  }

  /**
   * Gets the compiler of a language that this machine may lack.
   *
   * @param {string} language
   * @throws {MissingCompiler} if it cannot be had
   */
  async prepare(language) {
    if (language === 'zig' || language === 'c') {
      await installZig(console.log);
    } else if (language === 'rust') {
      await this.#prepareRust();
    }
  }

  /** An empty folder. */
  folder(name) {
    const folder = path.join(this.home, name);
    mkdirSync(folder);
    return folder;
  }

  /** Removes the folder, and ends the registry. */
  async close() {
    rmSync(this.home, { recursive: true, force: true });
    await this.registry.close();
  }

  async #prepareRust() {
    try {
      await run('rustup', ['target', 'add', target], { env: { ...process.env, RUSTUP_DOWNLOAD_TIMEOUT: '60' } });
    } catch (cause) {
      throw new MissingCompiler(`rustup has no ${target}: ${cause.message}`, { cause });
    }
    const folders = Object.entries(await packRustKit());
    const patches = folders.map(([name, folder]) => `${name} = { path = ${JSON.stringify(folder)} }`);
    mkdirSync(path.join(this.home, '.cargo'), { recursive: true });
    writeFileSync(path.join(this.home, '.cargo', 'config.toml'), `[patch.crates-io]\n${patches.join('\n')}\n`);
  }
}

/** Without the variables of an outer npm, which name this repository as the current package. */
function withoutNpm(from) {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !/^(npm_|INIT_CWD$|FORCE_COLOR$)/i.test(name)));
}
