import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { ParsedOptions } from '../build/build-options.js';
import type { SourceModule } from '../modules/module.js';
import type { Data } from '../modules/run-time-names.js';
import type { Engine } from '../sandbox/engine.js';
import type { Bytecode } from '../sandbox/library.js';
import { compile } from '../sandbox/steps.js';
import { zoneData } from './zones.js';

/** The name under which `sysconfig` asks for the configuration of CPython's build. */
const configuration = '_sysconfigdata__wasi_wasm32-wasi';

interface StandIn {
  name: string;
  file: string;
  isPackage?: boolean;
  /** The module of the standard library that imports it. */
  of?: string;
  /** Is it left out if each import of it stands in a `try`, by which a source says that it does without? */
  isOptional?: boolean;
}

/** Modules that stand in for others. */
const standIns: readonly StandIn[] = [
  { name: configuration, file: 'sysconfigdata.py', of: 'sysconfig' },
  { name: '_socket', file: '_socket.py', of: 'socket' },
  { name: 'select', file: 'select.py', of: 'selectors' },
  { name: '_pyrepl', file: 'empty.py', isPackage: true, of: 'pydoc' },
  { name: '_pyrepl.pager', file: 'pager.py', of: 'pydoc' },
  { name: 'zlib', file: 'zlib.py', of: 'gzip', isOptional: true },
  { name: 'ssl', file: 'ssl.py', isOptional: true },
];

const zones = { name: '_hookcell_zones', file: 'zones.py', data: '_hookcell_zone_data' };
const files = { name: '_hookcell_files', file: 'files.py', leftOut: '_hookcell_left_out' };

const folder = path.join(__dirname, '../python');

/** Modules that are added to a plugin. */
export interface StandIns {
  modules: Bytecode[];
  /** The names of those that are imported before the plugin. */
  imported: string[];
}

/**
 * Compiles what stands in for an operating system: modules in C, the tz database for `zoneinfo`, data files of packages.
 *
 * @param asked the names that are imported
 * @param needed those that a source cannot do without
 */
export async function compileStandIns(
  engine: Engine,
  {
    library,
    asked,
    needed,
    data,
  }: { library: readonly Bytecode[]; asked: ReadonlySet<string>; needed: ReadonlySet<string>; data: Data },
  options: ParsedOptions,
): Promise<StandIns> {
  const there = new Set(library.map(({ name }) => name));
  const taken = standIns.filter(
    ({ name, of, isOptional = false }) =>
      (of !== undefined && there.has(of)) || (isOptional ? needed : asked).has(name),
  );
  const sources = await Promise.all(taken.map(({ name, file, isPackage }) => source(name, file, isPackage)));
  const imported: string[] = [];
  if (there.has('zoneinfo')) {
    const { places, bytes } = zoneData(options.zones);
    const text = Buffer.from(`places = ${JSON.stringify(places)}\ndata = ${literal(bytes)}\n`);
    sources.push(await source(zones.name, zones.file), { ...named(zones.data), text });
    imported.push(zones.name);
  }
  if (data.isRead) {
    const text = Buffer.from(`folders = ${JSON.stringify(data.leftOut)}\nmost = ${options.maxDataBytes}\n`);
    sources.push(await source(files.name, files.file), { ...named(files.leftOut), text });
    imported.push(files.name);
  }
  if (sources.length === 0) {
    return { modules: [], imported };
  }
  const compiled = await compile(engine, sources, options);
  const modules = compiled.map(({ module: { name, isPackage }, code }) => ({ name, isPackage, code }));
  // files.py takes them from among the modules, so that they need not be compiled.
  const provided = data.files.map(({ file, bytes }) => ({ name: file, isPackage: false, code: bytes }));
  return { modules: [...modules, ...provided], imported };
}

async function source(name: string, file: string, isPackage = false): Promise<SourceModule> {
  return { ...named(name), isPackage, text: await readFile(path.join(folder, file)) };
}

function named(name: string) {
  return { name, isPackage: false, file: `<${name}>` };
}

/** Bytes as Python has them in a source. */
function literal(bytes: Uint8Array): string {
  const texts = Array.from(bytes, (byte) =>
    byte >= 32 && byte < 127 && byte !== 34 && byte !== 92
      ? String.fromCodePoint(byte)
      : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `b"${texts.join('')}"`;
}
