import type { ParsedOptions } from '../build/build-options.js';
import type { Engine } from '../sandbox/engine.js';
import type { Bytecode } from '../sandbox/library.js';
import { compile } from '../sandbox/steps.js';
import type { Compiled } from './gathered.js';
import { absoluteName } from './imported-name.js';
import { packagesFolder } from './module.js';
import { namesInCalls, unsaidOf } from './run-time-names.js';

const name = '_hookcell_late';

/** They ask for the time or for randomness when they are imported, which a hook may do without using either. */
const early = ['logging', 'random'];

/**
 * Compiles a module that imports what the author's functions import of the standard library, so that they find it imported: in each
 * call that would cost milliseconds. What cannot be imported fails in the function, which may expect that.
 */
export async function compileLateImports(
  engine: Engine,
  own: readonly Compiled[],
  library: readonly Bytecode[],
  options: ParsedOptions,
): Promise<Bytecode[]> {
  const there = new Set(library.map((module) => module.name));
  const authors = own.filter(({ module }) => !module.file.startsWith(`${packagesFolder}/`));
  const names = new Set(
    authors.flatMap(({ module, imports }) => imports.map((imported) => absoluteName(imported.name, module))),
  );
  for (const each of [...authors.flatMap(namesInCalls), ...early]) {
    names.add(each);
  }
  // Some make tables when they are imported.
  for (const unsaid of own.flatMap(unsaidOf)) {
    names.add(unsaid);
  }
  const imports = [...names].filter((imported) => there.has(imported)).toSorted();
  const lines = imports.map((imported) => `try:\n    import ${imported}\nexcept Exception:\n    pass\n`);
  if (lines.length === 0) {
    return [];
  }
  const text = Buffer.from(lines.join(''));
  const compiled = await compile(engine, [{ name, isPackage: false, file: `<${name}>`, text }], options);
  return compiled.map(({ code }) => ({ name, isPackage: false, code }));
}
