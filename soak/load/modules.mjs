import { readFileSync } from 'node:fs';
import initWabt from 'wabt';
import { assembleFixture } from '../../scripts/build/fixture.mjs';
import { hostileCases, peacefulFixtures } from '../targets.mjs';

const MARK = 't00-v000000';

/** The mark of a tenant's plugin, such as `t03-v000017`. All marks have the same length. */
export function markOf(tenant, version) {
  return `${tenant}-v${String(version).padStart(6, '0')}`;
}

/** The modules that the load sends to the server. */
export class Modules {
  #template;
  /** @type {Map<string, Uint8Array>} the modules of fixtures/ that load, by name */
  fixtures;
  /** The modules that every runtime refuses. */
  refused;

  static async assemble() {
    const modules = new Modules();
    modules.#template = Buffer.from(await assembleMarked());
    const names = new Set([...peacefulFixtures, ...Object.values(hostileCases).map(({ plugin }) => plugin)]);
    modules.fixtures = new Map();
    for (const name of names) {
      modules.fixtures.set(name, await assembleFixture(name));
    }
    const passThrough = modules.fixtures.get('pass_through');
    modules.refused = [
      { bytes: Buffer.from('no WebAssembly at all'), code: 'ERR_COMPILE' },
      { bytes: passThrough.subarray(0, passThrough.length - 7), code: 'ERR_COMPILE' },
      { bytes: await assembleFixture('wasi'), code: 'ERR_IMPORT' },
      { bytes: await assembleFixture('wrong_exports'), code: 'ERR_ABI' },
      { bytes: await assembleFixture('memory_of_20_pages'), options: { maxMemoryPages: 19 }, code: 'ERR_LIMIT' },
      { bytes: passThrough, options: { maxModuleBytes: 16 }, code: 'ERR_LIMIT' },
      { bytes: manyFunctions(20_001), code: 'ERR_LIMIT' },
      { bytes: Buffer.concat([passThrough, Buffer.alloc(100_000, 0xff)]), code: 'ERR_COMPILE' },
      { bytes: passThrough, options: { sha256: '0'.repeat(64) }, code: 'ERR_DIGEST' },
    ];
    return modules;
  }

  /** A tenant's plugin that contains its mark. */
  marked(tenant, version) {
    const bytes = Buffer.from(this.#template);
    const mark = markOf(tenant, version);
    for (let at = bytes.indexOf(MARK); at !== -1; at = bytes.indexOf(MARK, at + MARK.length)) {
      bytes.write(mark, at);
    }
    return bytes;
  }
}

/** A module of functions that do nothing. */
function manyFunctions(count) {
  const section = (id, ...content) => Buffer.concat([Buffer.of(id), leb(Buffer.concat(content).length), ...content]);
  return Buffer.concat([
    Buffer.from('0061736d01000000', 'hex'),
    section(1, Buffer.of(1, 0x60, 0, 0)),
    section(3, leb(count), Buffer.alloc(count)),
    section(10, leb(count), Buffer.alloc(3 * count, Buffer.of(2, 0, 0x0b))),
  ]);
}

function leb(value) {
  const rest = Math.floor(value / 128);
  return rest === 0 ? Buffer.of(value) : Buffer.concat([Buffer.of((value % 128) + 128), leb(rest)]);
}

async function assembleMarked() {
  const wabt = await initWabt();
  const source = readFileSync(new URL('../marked.wat', import.meta.url), 'utf8');
  const module = wabt.parseWat('marked.wat', source);
  try {
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}
