import type { ParsedOptions } from '../build/build-options.js';
import { PluginBuildError } from '../errors.js';
import type { Engine } from '../sandbox/engine.js';
import { withParents } from '../sandbox/library.js';
import { compile, entryName } from '../sandbox/steps.js';
import type { Compiled, Gathered } from './gathered.js';
import { compileStandIns } from '../stand-ins/stand-ins.js';
import { absoluteName } from './imported-name.js';
import { compileLateImports } from './late-imports.js';
import type { MachineModule, ModulePlace, SourceModule } from './module.js';
import { dataOf, modulesByName, namesInCalls, unsaidOf } from './run-time-names.js';

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
  const search = new Search(engine, places, options);
  await search.follow([entry]);
  refuseMachineCode(search.leftOut, [...search.own.values()]);
  // A package may import what is beside it by names. It expects that something of that is missing.
  const searched = new Set<Compiled>();
  for (let next = search.unsearched(searched); next.length > 0; next = search.unsearched(searched)) {
    await search.followNames(next);
  }
  const sorted = [...search.own.values()].toSorted((a, b) => (a.module.name < b.module.name ? -1 : 1));
  const ownCode = sorted.map(({ module: { name, isPackage }, code }) => ({ name, isPackage, code }));
  const ofLibrary = [...search.ofLibrary, ...sorted.flatMap(unsaidOf).filter((name) => engine.library.has(name))];
  const library = engine.library.modules(ofLibrary).filter(({ name }) => !search.own.has(name));
  const late = await compileLateImports(engine, sorted, library, options);
  const data = await dataOf(sorted, places.packages, options.maxDataBytes);
  const { asked } = search;
  const standIns = await compileStandIns(engine, { library, asked, needed: neededBy(sorted), data }, options);
  const standing = new Set(standIns.modules.map(({ name }) => name));
  return {
    own: sorted,
    all: [...ownCode, ...standIns.modules, ...late, ...library.filter(({ name }) => !standing.has(name))],
    early: standIns.imported,
    late: late.map(({ name }) => name),
    leftOut: search.leftOut,
    dataLeftOut: data.leftOut,
  };
}

/** What was found so far. */
class Search {
  readonly own = new Map<string, Compiled>();
  readonly asked = new Set<string>([entryName]);
  readonly ofLibrary = new Set<string>();
  readonly leftOut: MachineModule[] = [];
  readonly #engine: Engine;
  readonly #places: Places;
  readonly #options: ParsedOptions;

  constructor(engine: Engine, places: Places, options: ParsedOptions) {
    this.#engine = engine;
    this.#places = places;
    this.#options = options;
  }

  /** Compiles modules, and what they import. */
  async follow(modules: SourceModule[]): Promise<void> {
    for (let next = modules; next.length > 0;) {
      const compiled = await compile(this.#engine, next, this.#options);
      const names = new Set<string>();
      for (const each of compiled) {
        this.own.set(each.module.name, each);
        for (const { name } of each.imports) {
          for (const parent of withParents(absoluteName(name, each.module))) {
            names.add(parent);
          }
        }
      }
      next = await this.#findAll(names);
    }
  }

  /** Those of packages that were not given before. */
  unsearched(searched: Set<Compiled>): Compiled[] {
    const next = [...this.own.values()].filter((each) => !searched.has(each));
    for (const each of next) {
      searched.add(each);
    }
    return next;
  }

  /** Compiles what sources import by calls, with names that they have or that packages make. */
  async followNames(compiled: readonly Compiled[]): Promise<void> {
    const made = await Promise.all(compiled.map((each) => modulesByName(each, this.#places.packages)));
    const names = [...compiled.flatMap(namesInCalls), ...made.flat()];
    await this.follow(await this.#findAll(new Set(names.flatMap(withParents))));
  }

  async #findAll(names: ReadonlySet<string>): Promise<SourceModule[]> {
    const sources: SourceModule[] = [];
    for (const name of [...names].toSorted()) {
      if (!this.asked.has(name)) {
        this.asked.add(name);
        const found = await find(name, this.#engine, this.#places, this.ofLibrary);
        if (found !== undefined && 'machineCode' in found) {
          this.leftOut.push(found);
        } else if (found !== undefined) {
          sources.push(found);
        }
      }
    }
    return sources;
  }
}

/** What a source imports and does not expect to be missing. */
function neededBy(own: readonly Compiled[]): Set<string> {
  return new Set(
    own.flatMap(({ module, imports }) =>
      imports.filter(({ tried }) => !tried).map(({ name }) => absoluteName(name, module)),
    ),
  );
}

/** A package that expects that its machine code is missing does without. */
function refuseMachineCode(leftOut: readonly MachineModule[], own: readonly Compiled[]): void {
  for (const { name, machineCode } of leftOut) {
    for (const { module, imports } of own) {
      const importing = imports.find((each) => !each.tried && absoluteName(each.name, module) === name);
      if (importing !== undefined) {
        const message = `${machineCode} is machine code: a plugin takes pure Python only`;
        throw new PluginBuildError({ code: 'ERR_PACKAGE', message, file: module.file, line: importing.line });
      }
    }
  }
}

async function find(
  name: string,
  { library }: Engine,
  { beside, packages }: Places,
  ofLibrary: Set<string>,
): Promise<SourceModule | MachineModule | undefined> {
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
