import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import { PluginBuildError } from '../errors.js';
import type { Environment } from './environment.js';
import { holds } from './marker.js';
import { canonicalVersion } from '../wheels/wheel-name.js';

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
/** A package has a digest for each of its wheels, and some have a hundred. */
const mostHashes = 1_000;
/** Of what a line says, so much is in a message. */
const mostShown = 200;

/** They say where pip looks for packages, and which it takes. A build takes wheels that are there. */
const forPip =
  /^(?:-i|-f|--index-url|--extra-index-url|--find-links|--trusted-host|--no-index|--only-binary|--no-binary|--prefer-binary|--pre|--use-feature)(?:[ =]|$)/;
const anotherFile = /^(?:-r|--requirement)[ =]?\s*(.+)$/;
const hashOption = /\s--hash[ =](\S+)/g;
const hash = /^(?:sha256|sha384|sha512):[0-9a-f]+$/;
const named = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[\w\s,.-]*\])?\s*(.*)$/;
const pinned = /^={2,3}\s*([\w.!+-]{1,100})$/;

/** Reads a requirements file, with those that it names beside it or below. Each requirement must be pinned. */
export class RequirementsFile {
  readonly #environment: Environment;
  /** The folder of the first file. The others are in it. */
  readonly #folder: string;
  readonly #found = new Map<string, Requirement>();
  readonly #read = new Set<string>();
  #needsHashes = false;

  private constructor(environment: Environment, folder: string) {
    this.#environment = environment;
    this.#folder = folder;
  }

  /** @throws {PluginBuildError} `ERR_REQUIREMENTS` */
  static async read(file: string, environment: Environment): Promise<Requirement[]> {
    const shown = path.basename(file);
    const real = await realpath(file).catch((cause: Error) => {
      throw refusal(`${shown} cannot be read: ${cause.message}`, shown);
    });
    const reader = new RequirementsFile(environment, path.dirname(real));
    await reader.#readFile(real, shown);
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
    for (const { text, line } of joinedLines(await textOf(file, shown, from))) {
      const other = anotherFile.exec(text)?.[1];
      if (other !== undefined) {
        await this.#readOther(other, file, { file: shown, line });
      } else if (text.startsWith('-')) {
        this.#takeOption(text, shown, line);
      } else {
        this.#take(text, shown, line);
      }
    }
  }

  /** A file that a line names. It is not outside the folder, so that no message shows a line of another file of this machine. */
  async #readOther(other: string, file: string, from: { file: string; line: number }): Promise<void> {
    const place = path.resolve(path.dirname(file), other);
    const real = await realpath(place).catch(() => place);
    const inside = path.relative(this.#folder, real);
    if (inside === '..' || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside)) {
      throw refusal(`${quoted(other)} is not in the folder of the requirements file`, from.file, from.line);
    }
    await this.#readFile(real, path.posix.join(path.posix.dirname(from.file), other), from);
  }

  #takeOption(text: string, file: string, line: number): void {
    if (/^--require-hashes$/.test(text)) {
      this.#needsHashes = true;
    } else if (!forPip.test(text)) {
      throw refusal(`${quoted(text)} is no option that a build takes: write name==version`, file, line);
    }
  }

  #take(text: string, file: string, line: number): void {
    const hashes = [...` ${text}`.matchAll(hashOption)].map(([, value]) => value!.toLowerCase());
    const bad = hashes.find((value) => !hash.test(value));
    if (bad !== undefined) {
      throw refusal(`${quoted(bad)} is no digest: write --hash=sha256:…`, file, line);
    }
    if (hashes.length > mostHashes) {
      throw refusal(`a requirement has more than ${mostHashes} digests`, file, line);
    }
    const [requirement = '', marker] = split(` ${text}`.replaceAll(hashOption, '').trim());
    const [, name = '', specifier = ''] = named.exec(requirement) ?? [];
    const version = pinned.exec(specifier)?.[1];
    if (version === undefined) {
      const what = name === '' ? 'is no requirement' : 'names no single version';
      throw refusal(`${quoted(requirement)} ${what}: write name==version`, file, line);
    }
    if (marker !== undefined && !this.#applies(marker, file, line)) {
      return;
    }
    const canonical = name.replaceAll(/[-_.]+/g, '-').toLowerCase();
    const before = this.#found.get(canonical);
    if (before !== undefined && canonicalVersion(before.version) !== canonicalVersion(version)) {
      throw refusal(`${canonical} has two versions: ${before.version} and ${version}`, file, line);
    }
    if (before !== undefined && before.hashes.toSorted().join() !== hashes.toSorted().join()) {
      throw refusal(`${canonical} is there twice, and not with the same digests`, file, line);
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
      throw refusal(`${quoted(marker)} is no condition: ${(cause as Error).message}`, file, line);
    }
  }
}

/** @param from the line that names the file */
async function textOf(file: string, shown: string, from?: { file: string; line: number }): Promise<string> {
  const unreadable = (why: string) => refusal(`${shown} cannot be read: ${why}`, from?.file ?? shown, from?.line);
  const found = await stat(file).catch((cause: Error) => {
    throw unreadable(cause.message);
  });
  if (!found.isFile()) {
    throw unreadable('it is no file');
  }
  if (found.size > mostBytes) {
    throw refusal(`${shown} has more than ${mostBytes} bytes`, shown);
  }
  const bytes = await readFile(file).catch((cause: Error) => {
    throw unreadable(cause.message);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refusal(`${shown} is no text in UTF-8`, shown);
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.length > mostShown ? `${text.slice(0, mostShown)}…` : text);
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
