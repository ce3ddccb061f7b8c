import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../build/command.mjs';

/**
 * Which files of a folder import which other files of that folder.
 *
 * @param {string} folder its path from the root; its files must be in one language
 * @returns {Map<string, Set<string>>} each file with the files that it imports, as paths from the folder
 */
export function importsOf(folder) {
  const home = path.join(root, folder);
  const files = readdirSync(home, { recursive: true })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => /\.(?:rs|m?ts|mjs)$/.test(file) && !/(?:^|\/)tests(?:\.rs$|\/)/.test(file));
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const text = readFileSync(path.join(home, file), 'utf8');
      const found = file.endsWith('.rs') ? rustImports(file, text, known) : scriptImports(file, text, known);
      found.delete(file);
      return [file, found];
    }),
  );
}

function scriptImports(file, text, known) {
  const found = new Set();
  // Plain JavaScript can only name the type of another file in a comment.
  const code = text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  for (const [, specifier] of code.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    const sources = [target, target.replace(/\.js$/, '.ts'), target.replace(/\.mjs$/, '.mts')];
    const source = sources.find((candidate) => known.has(candidate));
    if (source !== undefined) {
      found.add(source);
    }
  }
  return found;
}

function rustImports(file, text, known) {
  const found = new Set();
  for (const names of rustPaths(file, withoutTestsAndComments(text))) {
    // The longest part of the path that is a file. The rest is an item in it.
    for (let length = names.length; length > 0; length -= 1) {
      const stem = names.slice(0, length).join('/');
      const source = [`${stem}.rs`, `${stem}/mod.rs`].find((candidate) => known.has(candidate));
      if (source !== undefined) {
        found.add(source);
        break;
      }
    }
  }
  return found;
}

/** The paths that start at `crate`, `super` or `self`, each as the names from the crate's root. */
function* rustPaths(file, text) {
  const own = file.replace(/(?:\/mod)?\.rs$/, '').split('/');
  for (const match of text.matchAll(/\b(crate|super|self)((?:::super)*)::/g)) {
    const [all, start, supers] = match;
    const climbed = (start === 'super' ? 1 : 0) + supers.length / '::super'.length;
    const base = start === 'crate' || own[0] === 'lib' ? [] : own.slice(0, own.length - climbed);
    for (const names of expand(text, match.index + all.length)) {
      yield base.concat(names);
    }
  }
}

/** Expands `a::{b, c::D}` to `a::b` and `a::c::D`. */
function expand(text, start) {
  const names = [];
  let at = start;
  for (;;) {
    const name = /^\s*([A-Za-z_]\w*)/.exec(text.slice(at, at + 200));
    if (name !== null) {
      names.push(name[1]);
      at += name[0].length;
      if (!text.startsWith('::', at)) {
        return [names];
      }
      at += 2;
    } else if (text[at] === '{') {
      return group(text, at + 1).flatMap((item) => expand(text, item).map((rest) => names.concat(rest)));
    } else {
      return [names];
    }
  }
}

/** Where each item of a group in braces begins. */
function group(text, start) {
  const items = [start];
  let depth = 1;
  for (let at = start; depth > 0 && at < text.length; at += 1) {
    if (text[at] === '{') {
      depth += 1;
    } else if (text[at] === '}') {
      depth -= 1;
    } else if (text[at] === ',' && depth === 1) {
      items.push(at + 1);
    }
  }
  return items;
}

function withoutTestsAndComments(text) {
  const code = text.replaceAll(/^\s*\/\/.*$/gm, '');
  const tests = code.search(/^#\[cfg\(test\)\]\nmod \w+ \{/m);
  return tests < 0 ? code : code.slice(0, tests);
}
