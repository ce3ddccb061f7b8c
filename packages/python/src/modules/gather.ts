import type { ParsedOptions } from '../build/build-options.js';
import type { Engine } from '../sandbox/engine.js';
import { withParents } from '../sandbox/library.js';
import { compile, entryName } from '../sandbox/steps.js';
import type { Compiled, Gathered } from './gathered.js';
import { absoluteName } from './imported-name.js';

import { compileLateImports } from './late-imports.js';
import type { ModulePlace, SourceModule } from './module.js';

/** Where modules are looked for, in this order: beside the entry, in the standard library, in packages. */
export interface Places {
  beside: ModulePlace | undefined;
  packages: readonly ModulePlace[];
}

/** Finds and compiles what a plugin imports, in sandboxes: nothing of it runs. */
export async function gather(
  engine: Engine,
  entry: SourceModule,
  places: Places,
  options: ParsedOptions,
): Promise<Gathered> {
  const own = new Map<string, Compiled>();
  const asked = new Set<string>([entryName]);
  const ofLibrary = new Set<string>();
  let next = [entry];
  while (next.length > 0) {
    const compiled = await compile(engine, next, options);
    const names = new Set<string>();
    for (const each of compiled) {
      own.set(each.module.name, each);
      for (const { name } of each.imports) {
        for (const parent of withParents(absoluteName(name, each.module))) {
          names.add(parent);
        }
      }
    }
    next = [];
    for (const name of [...names].toSorted()) {
      if (!asked.has(name)) {
        asked.add(name);
        const found = await find(name, engine, places, ofLibrary);
        next.push(...(found === undefined ? [] : [found]));
      }
    }
  }
  const sorted = [...own.values()].toSorted((a, b) => (a.module.name < b.module.name ? -1 : 1));
  const ownCode = sorted.map(({ module: { name, isPackage }, code }) => ({ name, isPackage, code }));
  const library = engine.library.modules(ofLibrary).filter(({ name }) => !own.has(name));
  const late = await compileLateImports(engine, sorted, library, options);
  return { own: sorted, all: [...ownCode, ...late, ...library], late: late.map(({ name }) => name) };
}

async function find(
  name: string,
  { library }: Engine,
  { beside, packages }: Places,
  ofLibrary: Set<string>,
): Promise<SourceModule | undefined> {
  const inside = `${entryName}.`;
  const local = name.startsWith(inside) ? name.slice(inside.length) : name;
  const found = await beside?.find(local);
  if (found !== undefined) {
    return { ...found, name };
  }
  if (library.has(name)) {
    ofLibrary.add(name);
    return undefined;
  }
  for (const place of packages) {
    const packaged = await place.find(name);
    if (packaged !== undefined) {
      return packaged;
    }
  }
  // Modules in C are in the engine. What is nowhere fails where it is imported, which a source may expect.
  return undefined;
}
