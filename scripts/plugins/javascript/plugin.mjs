import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandError } from '../../build/command.mjs';
import { orMissing, pdk } from '../compiler.mjs';

const folder = path.join(pdk, 'javascript');
const limits = { maxFuel: 1_000_000_000, timeoutMs: 30_000, maxResultBytes: 4_194_304 };

/** The keys and shapes of a context, which a call then finds. */
const sample = {
  input: { email: 'ada@example.com', name: 'Ada' },
  data: { email: 'ada@example.com' },
  user: { id: 'u1', role: 'admin' },
  headers: { 'x-request-id': '7' },
  tenant_id: 'acme',
};

/** Builds a plugin from the TypeScript of one module, by the engine's steps in hookcell's own cells. */
export async function buildPlugin(file, say) {
  const { PluginBuilder } = await orMissing('the package is not built', () => import('hookcell/builder'));
  const load = (name) =>
    PluginBuilder.load(`JavaScript ${name}`, readFileSync(path.join(folder, 'engine', `${name}.wasm`)));
  const [compiler, runtime] = await Promise.all([load('compiler'), load('runtime')]);
  say(`building ${path.basename(file)} in a sandbox`);
  const source = `${path.basename(file)}\0${await strip(file)}`;
  const [code] = answersOf(await compiler.run([{ step: 'compile', input: bytes(source) }], limits));
  const steps = [
    { step: 'load', input: code },
    { step: 'learn', input: bytes(JSON.stringify(sample)) },
    { step: 'freeze', input: bytes('') },
  ];
  const built = await runtime.run(steps, { ...limits, makesPlugin: true });
  answersOf(built);
  return built.plugin;
}

/** JavaScript with the types replaced by nothing. */
async function strip(file) {
  const { transform } = await orMissing('npm install has not brought swc', () => import('@swc/core'));
  const jsc = { target: 'es2022', parser: { syntax: 'typescript' } };
  const { code } = await transform(readFileSync(file, 'utf8'), { filename: file, jsc, module: { type: 'es6' } });
  return code;
}

function answersOf({ answers, fault }) {
  const last = answers.at(-1) ?? new Uint8Array();
  const text = new TextDecoder().decode(last.subarray(0, 4_096));
  if (fault !== undefined || text.startsWith('{"thrown":')) {
    throw new CommandError(`the plugin cannot be built: ${fault?.message ?? text}`);
  }
  return answers;
}

function bytes(text) {
  return new TextEncoder().encode(text);
}
