import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { PluginBuildError } from '../errors.js';
import type { Environment } from './environment.js';
import { holds } from './marker.js';
import { canonicalVersion } from './wheel-name.js';

/** A package with its version, as a line of a requirements file names it. */
export interface Requirement {
  /** The package's name, in lower case and with hyphens. */
  readonly name: string;
  /** As the file has it. */
  readonly version: string;
  /** What the wheel's bytes may have as digests, as `algorithm:hexadecimal`. Any if there is none. */
  readonly hashes: readonly string[];
  /** The file and line. */
  readonly file: string;
  readonly line: number;
}

const mostBytes = 1_048_576;
const mostFiles = 32;
const mostRequirements = 1_000;

/** They say where pip looks for packages, and which it takes. A build takes wheels that are there. */
const forPip =
  /^(?:-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host|--no-index|--only-binary|--no-binary|--prefer-binary|--pre|--use-feature)(?:[ =]|$)/;
const anotherFile = /^(?:-r|--requirement)[ =]?\s*(.+)$/;
const hashOption = /\s--hash[ =](\S+)/g;
const hash = /^(?:sha256|sha384|sha512):[0-9a-f]+$/;
const named = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[\w\s,.-]*\])?\s*(.*)$/;
const pinned = /^={2,3}\s*([\w.!+-]+)$/;

/** Reads a requirements file, with those that it names. Each requirement must be pinned. */
export class RequirementsFile {
  readonly #environment: Environment;
  readonly #found = new Map<string, Requirement>();
  readonly #read = new Set<string>();
  #needsHashes = false;

  private constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** @throws {PluginBuildError} `ERR_REQUIREMENTS` */
  static async read(file: string, environment: Environment): Promise<Requirement[]> {
    const reader = new RequirementsFile(environment);
    await reader.#readFile(path.resolve(file), path.basename(file));
    const found = [...reader.#found.values()];
    const unhashed = found.find(({ hashes }) => hashes.length === 0);
    if (unhashed !== undefined && (reader.#needsHashes || found.some(({ hashes }) => hashes.length > 0))) {
      throw refusal(`${unhashed.name} has no --hash, and each must have one if one has`, unhashed.file, unhashed.line);
    }
    return found;
  }

  async #readFile(file: string, shown: string, from?: { file: string; line: number }): Promise<void> {
    if (this.#read.has(file)) {
      return;
    }
    this.#read.add(file);
    if (this.#read.size > mostFiles) {
      throw refusal(`more than ${mostFiles} files name each other`, shown);
    }
    const bytes = await readFile(file).catch((cause: Error) => {
      throw refusal(`${shown} cannot be read: ${cause.message}`, from?.file ?? shown, from?.line);
    });
    if (bytes.length > mostBytes) {
      throw refusal(`${shown} has more than ${mostBytes} bytes`, shown);
    }
    for (const { text, line } of joinedLines(bytes.toString('utf8').replace(/^\u{FEFF}/u, ''))) {
      const other = anotherFile.exec(text)?.[1];
      if (other !== undefined) {
        const next = path.resolve(path.dirname(file), other);
        await this.#readFile(next, path.posix.join(path.posix.dirname(shown), other), { file: shown, line });
      } else if (text.startsWith('-')) {
        this.#takeOption(text, shown, line);
      } else {
        this.#take(text, shown, line);
      }
    }
  }

  #takeOption(text: string, file: string, line: number): void {
    if (/^--require-hashes$/.test(text)) {
      this.#needsHashes = true;
    } else if (!forPip.test(text)) {
      throw refusal(`${JSON.stringify(text)} is no option that a build takes: write name==version`, file, line);
    }
  }

  #take(text: string, file: string, line: number): void {
    const hashes = [...` ${text}`.matchAll(hashOption)].map(([, value]) => value!.toLowerCase());
    const bad = hashes.find((value) => !hash.test(value));
    if (bad !== undefined) {
      throw refusal(`${bad} is no digest: write --hash=sha256:…`, file, line);
    }
    const [requirement = '', marker] = split(` ${text}`.replaceAll(hashOption, '').trim());
    const [, name = '', specifier = ''] = named.exec(requirement) ?? [];
    const version = pinned.exec(specifier)?.[1];
    if (version === undefined) {
      const what = name === '' ? 'is no requirement' : 'names no single version';
      throw refusal(`${JSON.stringify(requirement)} ${what}: write name==version`, file, line);
    }
    if (marker !== undefined && !this.#applies(marker, file, line)) {
      return;
    }
    const canonical = name.replaceAll(/[-_.]+/g, '-').toLowerCase();
    const before = this.#found.get(canonical);
    if (before !== undefined && canonicalVersion(before.version) !== canonicalVersion(version)) {
      throw refusal(`${canonical} has two versions: ${before.version} and ${version}`, file, line);
    }
    this.#found.set(canonical, { name: canonical, version, hashes, file, line });
    if (this.#found.size > mostRequirements) {
      throw refusal(`there are more than ${mostRequirements} requirements`, file, line);
    }
  }

  #applies(marker: string, file: string, line: number): boolean {
    try {
      return holds(marker, this.#environment);
    } catch (cause) {
      throw refusal(`${JSON.stringify(marker)} is no condition: ${(cause as Error).message}`, file, line);
    }
  }
}

/** A requirement and its condition, which a semicolon separates. */
function split(text: string): [string, string?] {
  const at = text.indexOf(';');
  return at === -1 ? [text] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** Lines without comments. One that ends with a backslash goes on in the next. */
function joinedLines(text: string): { text: string; line: number }[] {
  const found: { text: string; line: number }[] = [];
  let begun: { text: string; line: number } | undefined;
  for (const [index, each] of text.split(/\r\n|\r|\n/).entries()) {
    const isComment = /^\s*#/.test(each);
    const goesOn = !isComment && each.endsWith('\\');
    const part = isComment ? '' : goesOn ? each.slice(0, -1) : each;
    begun = { text: `${begun?.text ?? ''}${part}`, line: begun?.line ?? index + 1 };
    if (!goesOn) {
      found.push(begun);
      begun = undefined;
    }
  }
  return [...found, ...(begun === undefined ? [] : [begun])]
    .map(({ text: whole, line }) => ({ text: whole.replace(/(?:^|\s)#.*$/, '').trim(), line }))
    .filter(({ text: whole }) => whole !== '');
}

function refusal(message: string, file: string, line?: number): PluginBuildError {
  return new PluginBuildError({ code: 'ERR_REQUIREMENTS', message, file, line });
}
