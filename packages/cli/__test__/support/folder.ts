import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { fixture } from '../../../../__test__/support/wat';

/** A folder for the files of a test file, removed after its tests. */
export class Folder {
  readonly path = mkdtempSync(path.join(tmpdir(), 'hookcell-cli-'));

  constructor() {
    afterAll(() => rmSync(this.path, { recursive: true }));
  }

  /** The path of a file here. */
  at(name: string): string {
    return path.join(this.path, name);
  }

  /** Writes a file, an object as JSON. Returns its path. */
  write(name: string, content: object | string | Uint8Array): string {
    const isText = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(this.at(name), isText ? content : JSON.stringify(content));
    return this.at(name);
  }

  /** Writes the plugin of a fixture of the repository. Returns its path. */
  async plugin(name: string): Promise<string> {
    return this.write(`${name}.wasm`, await fixture(name));
  }
}
