import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buildPlugin } from '@hookcell/javascript';

const sources = path.join(import.meta.dirname, 'plugins');

/** The plugins of two tenants, and the manifest that every server reads. */
export class Manifest {
  #folder;
  #digests = {};

  /** @param {string} folder where servers find the manifest and the modules */
  constructor(folder) {
    this.#folder = folder;
  }

  /** Builds the plugin in TypeScript, and copies the one in Rust. */
  async build(cacheDir) {
    await mkdir(this.#folder, { recursive: true });
    const { wasm } = await buildPlugin({ entry: path.join(sources, 'discount.ts') }, { cacheDir });
    await writeFile(path.join(this.#folder, 'discount.wasm'), wasm);
    await copyFile(path.join(sources, 'normalize.wasm'), path.join(this.#folder, 'normalize.wasm'));
    for (const name of ['discount', 'normalize']) {
      const bytes = await readFile(path.join(this.#folder, `${name}.wasm`));
      this.#digests[name] = createHash('sha256').update(bytes).digest('hex');
    }
    return { bytes: wasm.length, sha256: this.#digests.discount };
  }

  /**
   * Writes the manifest in one step, so that no server reads a part of it.
   *
   * @param {string} version what people call the version of acme's plugin
   * @param {number} percent its configuration
   */
  async write(version, percent) {
    const entry = (name, others) => ({ name, file: `${name}.wasm`, sha256: this.#digests[name], ...others });
    const manifest = {
      plugins: [
        entry('discount', { version, hooks: ['before_hook'], tenants: ['acme'], config: { percent } }),
        entry('normalize', { version: '1', hooks: ['before_hook'], tenants: ['globex'] }),
      ],
    };
    const file = path.join(this.#folder, 'plugins.json');
    await writeFile(`${file}.new`, JSON.stringify(manifest, undefined, 2));
    await rename(`${file}.new`, file);
  }
}
