import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildPlugin } from '@hookcell/javascript';

/** Writes into the input and the data which version ran. A version that names `refused` must never take traffic. */
const source = (code) => `
  export const before_hook = ({ input, config }) => { input.before = config.version; input.code = ${code}; };
  export const after_hook = ({ data, config }) => { data.after = config?.version ?? null; data.job = data.id; };
  export const validate_config = ({ config }) =>
    config.refused ? { ok: false, error: 'this version is refused' } : undefined;
`;

/** The tenants, each of which has a plugin of its own. */
export const TENANTS = ['acme', 'globex'];

/** The manifest that all servers follow, and the versions that it ever had. */
export class Versions {
  #folder;
  #modules = [];
  #last = 0;
  /** The versions that may take traffic. */
  good = new Set();

  /** @param {string} folder where servers and workers find modules */
  constructor(folder) {
    this.#folder = folder;
  }

  get manifest() {
    return path.join(this.#folder, 'plugins.json');
  }

  /** The plugin whose hooks run as jobs. */
  get jobPlugin() {
    return path.join(this.#folder, this.#modules[0].file);
  }

  /** Builds the modules. Each has other code. */
  async build(count) {
    mkdirSync(this.#folder, { recursive: true });
    for (let code = 0; code < count; code += 1) {
      const { wasm } = await buildPlugin({ source: source(code) });
      const sha256 = createHash('sha256').update(wasm).digest('hex');
      const file = `${sha256}.wasm`;
      writeFileSync(path.join(this.#folder, file), wasm);
      this.#modules.push({ file, sha256 });
    }
  }

  /** Lists a new version of every plugin, and returns its number. */
  listGood(code) {
    this.#last += 1;
    this.good.add(this.#last);
    this.#list(
      TENANTS.map((tenant) => this.#entry(tenant, { ...this.#module(code), config: { version: this.#last } })),
    );
    return this.#last;
  }

  /**
   * Lists a version of every plugin that must be refused.
   *
   * @param {'config' | 'digest' | 'missing'} how what is wrong with it
   */
  listBad(how, code) {
    this.#last += 1;
    const { file, sha256 } = this.#module(code);
    const wrong = {
      config: { file, sha256, config: { version: this.#last, refused: true } },
      digest: { file, sha256: 'f'.repeat(sha256.length), config: { version: this.#last } },
      missing: {
        file: 'missing.wasm',
        sha256: createHash('sha256')
          .update(how + code)
          .digest('hex'),
        config: { version: this.#last },
      },
    }[how];
    this.#list(TENANTS.map((tenant) => this.#entry(tenant, wrong)));
  }

  /** Lists what is not even a manifest. */
  breakManifest() {
    this.#write('{ "plugins": [');
  }

  #module(code) {
    return this.#modules[code % this.#modules.length];
  }

  #entry(tenant, others) {
    return { name: `hook-of-${tenant}`, tenants: [tenant], ...others };
  }

  #list(plugins) {
    this.#write(JSON.stringify({ plugins }));
  }

  #write(text) {
    writeFileSync(`${this.manifest}.new`, text);
    renameSync(`${this.manifest}.new`, this.manifest);
  }
}
