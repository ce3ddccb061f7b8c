import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { patches } from '../../../pdk/python/engine/patches/patches.mjs';
import { CommandError, run } from '../../build/command.mjs';
import { pdk, workshop } from '../compiler.mjs';
import { installZig, zigCommand } from '../zig.mjs';
import { cpythonArchive } from './source.mjs';

const engine = path.join(pdk, 'python', 'engine');
const folder = path.join(workshop, 'python');
const jobs = `-j${availableParallelism()}`;

/** Where CPython is, built twice: for this machine, to compile the standard library, and as a library for WebAssembly. */
export const places = {
  sources: path.join(folder, 'cpython'),
  native: path.join(folder, 'native'),
  wasm: path.join(folder, 'wasm'),
};

/** By a relative path, because CPython contains it. */
const configure = path.join('..', 'cpython', 'configure');

/** What both configurations share. The date of the build is in the text of its version. */
const env = { ...process.env, SOURCE_DATE_EPOCH: '0' };

/**
 * What calls run most is compiled for speed, and the rest for size: for speed, some functions of the compiler would take the host
 * longer to compile than a plugin may.
 */
const fast = `
HC_FAST = $(OBJECT_OBJS) Python/gc.o Python/errors.o Python/getargs.o Python/modsupport.o Python/mystrtoul.o Python/pyhash.o
HC_FAST += Python/pystrtod.o Python/dtoa.o Python/specialize.o Modules/_sre/sre.o
$(HC_FAST): OPT = -DNDEBUG -O2 -fwrapv
`;

/** Builds CPython twice, which takes five minutes on two cores. */
export async function buildCpython(say) {
  await installZig(say);
  const archive = await cpythonArchive(say);
  for (const place of Object.values(places)) {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
  }
  await run('tar', ['--extract', '--file', archive, '--strip-components=1', '--directory', places.sources]);
  applyPatches();
  await buildNative(say);
  await buildWasm(say);
}

function applyPatches() {
  for (const { why, file, find, replace, times } of patches) {
    const target = path.join(places.sources, file);
    const pieces = readFileSync(target, 'utf8').split(find);
    if (pieces.length - 1 !== times) {
      throw new CommandError(`${file}: a patch applies ${pieces.length - 1} times, not ${times}: ${why}`);
    }
    writeFileSync(target, pieces.join(replace));
  }
}

async function buildNative(say) {
  say('building CPython for this machine');
  const options = { cwd: places.native, env: { ...env, CFLAGS: '-O1' }, output: 'capture' };
  // What the patches name, and the engine has.
  const stubs = path.join(places.native, 'stubs.o');
  await run('cc', ['-c', '-O1', path.join(engine, 'src', 'native_stubs.c'), '-o', stubs]);
  options.env.LIBS = stubs;
  await run(configure, ['-q', '--without-doc-strings', '--disable-test-modules'], options);
  await run('make', [jobs, 'python'], options);
}

async function buildWasm(say) {
  say('building CPython for WebAssembly with zig cc');
  const site = path.join(places.sources, 'Tools', 'wasm', 'config.site-wasm32-wasi');
  const zig = zigCommand();
  const options = {
    cwd: places.wasm,
    env: {
      ...env,
      ...zig.env,
      CONFIG_SITE: site,
      CC: [...zig.command, 'cc', '-target', 'wasm32-wasi', '-fno-sanitize=undefined', '-Wno-everything'].join(' '),
      AR: [...zig.command, 'ar'].join(' '),
      RANLIB: [...zig.command, 'ranlib'].join(' '),
      OPT: '-DNDEBUG -Os -fwrapv',
      CFLAGS: '-D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_PROCESS_CLOCKS',
      ac_cv_header_sys_mman_h: 'no',
      ac_cv_func_mmap: 'no',
    },
    output: 'capture',
  };
  mkdirSync(path.join(places.wasm, 'Modules'), { recursive: true });
  cpSync(path.join(engine, 'Setup.local'), path.join(places.wasm, 'Modules', 'Setup.local'));
  const native = path.join(places.native, 'python');
  if (!existsSync(native)) {
    throw new CommandError(`${native} was not built`);
  }
  await run(
    configure,
    [
      '-q',
      '--host=wasm32-unknown-wasip1',
      '--build=x86_64-pc-linux-gnu',
      `--with-build-python=${native}`,
      '--with-pymalloc',
      '--without-doc-strings',
      '--disable-ipv6',
      '--disable-test-modules',
    ],
    options,
  );
  appendFileSync(path.join(places.wasm, 'Makefile'), fast);
  const without = ['MODULE_BINASCII_CFLAGS=', 'MODULE_BINASCII_LDFLAGS='];
  await run('make', [jobs, ...without, 'libpython3.13.a'], options);
}

/** Compiles the engine's modules and the standard library into `out`. */
export async function compileLibrary(out) {
  const script = path.join(engine, 'library.py');
  // Bytecode that an earlier run left would be read in other objects than a source makes, and the bytes written here tell.
  const fresh = ['-S', '-E', '-B', '-X', `pycache_prefix=${path.join(out, 'none')}`];
  const options = [...fresh, script, path.join(places.sources, 'Lib'), path.join(engine, 'src'), out];
  await run(path.join(places.native, 'python'), options);
}
