import { existsSync } from 'node:fs';
import path from 'node:path';

import { UsageError } from '../exit.js';
import { assemblyscript } from '../languages/assemblyscript.js';
import { c } from '../languages/c.js';
import { javascript, typescript } from '../languages/javascript.js';
import type { Language } from '../languages/language.js';
import { python } from '../languages/python.js';
import { rust } from '../languages/rust.js';
import { zig } from '../languages/zig.js';
import { shown } from '../terminal/shown-text.js';

/** Every language that a plugin can be built from. */
export const languages: readonly Language[] = [typescript, javascript, python, rust, assemblyscript, zig, c];

/** The names for `--lang`. */
export const languageNames = languages.map(({ name }) => name);

const byExtension: Record<string, Language> = {
  '.ts': typescript,
  '.mts': typescript,
  '.cts': typescript,
  '.js': javascript,
  '.mjs': javascript,
  '.cjs': javascript,
  '.py': python,
  '.rs': rust,
  '.zig': zig,
  '.c': c,
};

/** What is built: the entry and its language. */
export interface Entry {
  readonly entry: string;
  readonly language: Language;
}

/** The language of this name. */
export function languageOf(name: string): Language {
  return languages.find((language) => language.name === name) as Language;
}

/**
 * Finds what to build in a folder.
 *
 * @throws {UsageError} if there is nothing to build, or the language cannot be told
 */
export function findEntry(folder: string, entry: string | undefined, name: string | undefined): Entry {
  if (entry !== undefined) {
    if (!existsSync(path.resolve(folder, entry))) {
      throw new UsageError(`cannot read ${shown(entry)}: there is no such file`);
    }
    return { entry, language: name === undefined ? languageOfFile(folder, entry) : languageOf(name) };
  }
  const candidates = name === undefined ? languages : [languageOf(name)];
  const language = candidates.find((each) => existsSync(path.join(folder, each.entry)));
  if (language === undefined) {
    const entries = candidates.map((each) => each.entry).join(', ');
    throw new UsageError(`there is nothing to build here: name an entry, or have one of ${entries}`);
  }
  return { entry: language.entry, language };
}

function languageOfFile(folder: string, entry: string): Language {
  // AssemblyScript has the extension of TypeScript.
  if (entry.endsWith('.ts') && existsSync(path.join(folder, 'asconfig.json'))) {
    return assemblyscript;
  }
  const language = byExtension[path.extname(entry)];
  if (language === undefined) {
    throw new UsageError(`the language of ${shown(entry)} is not known; --lang is one of ${languageNames.join(', ')}`);
  }
  return language;
}
