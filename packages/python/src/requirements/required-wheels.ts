import { webcrypto } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { PluginBuildError } from '../errors.js';
import { canonicalVersion, parseWheelName } from '../wheels/wheel-name.js';
import type { WheelName } from '../wheels/wheel-name.js';
import { Wheel } from '../wheels/wheel.js';
import { environmentOf } from './environment.js';
import { RequirementsFile } from './requirements-file.js';
import type { Requirement } from './requirements-file.js';

/** A requirements file, and the folder with the wheels of its packages. */
export interface Requirements {
  readonly file: string;
  readonly wheels: string;
}

interface WheelFile extends WheelName {
  readonly file: string;
}

/**
 * The wheels that a requirements file names.
 *
 * @param version CPython's
 * @throws {PluginBuildError} `ERR_REQUIREMENTS` if a line of the file is not understood or pins no version; `ERR_PACKAGE` if a
 * wheel is not there, is not pure Python, or has other bytes than the file says
 */
export async function openRequirements({ file, wheels }: Requirements, version: string): Promise<Wheel[]> {
  const required = await RequirementsFile.read(file, environmentOf(version));
  const there = await list(wheels);
  const found = required.map((each) => ({ requirement: each, wheel: choose(each, there) }));
  const missing = found.filter(({ wheel }) => wheel === undefined).map(({ requirement }) => requirement);
  if (missing.length > 0) {
    throw notThere(missing, there, { file, wheels }, version);
  }
  return await Promise.all(
    found.map(({ requirement, wheel }) =>
      Wheel.read(path.join(wheels, wheel!.file), (bytes) => checkHash(requirement, wheel!.file, bytes)),
    ),
  );
}

async function list(folder: string): Promise<WheelFile[]> {
  const names = await readdir(folder).catch(() => []);
  return names.toSorted().flatMap((file) => {
    const parsed = parseWheelName(file);
    return parsed === undefined ? [] : [{ ...parsed, file }];
  });
}

/** @throws {PluginBuildError} if there is only one that is not pure Python */
function choose({ name, version }: Requirement, there: readonly WheelFile[]): WheelFile | undefined {
  const wanted = canonicalVersion(version);
  const found = there.filter((wheel) => wheel.name === name && canonicalVersion(wheel.version) === wanted);
  const pure = found.find(({ isPure }) => isPure);
  if (pure === undefined && found.length > 0) {
    const { file, tag } = found[0]!;
    const message = `${name}==${version} is not pure Python: ${file} is a wheel for ${tag}, and a plugin takes py3-none-any`;
    throw new PluginBuildError({ code: 'ERR_PACKAGE', message, file });
  }
  return pure;
}

function notThere(
  missing: readonly Requirement[],
  there: readonly WheelFile[],
  { file, wheels }: Requirements,
  version: string,
): PluginBuildError {
  const shown = path.basename(wheels);
  const named = missing.map(({ name, version: wanted }) => {
    const others = there.filter((wheel) => wheel.name === name).map((wheel) => wheel.version);
    return `${name}==${wanted}${others.length > 0 ? ` (there is ${others.join(', ')})` : ''}`;
  });
  const python = version.split('.').slice(0, 2).join('.');
  const download = [
    `python3 -m pip download --requirement ${path.basename(file)} --dest ${shown} --no-deps --only-binary=:all:`,
    `--platform any --abi none --implementation py --python-version ${python}`,
  ];
  const message = `${shown}/ has no wheel of ${named.join(', ')}. To get pure ones: ${download.join(' ')}`;
  const [{ file: at, line }] = missing as [Requirement];
  return new PluginBuildError({ code: 'ERR_PACKAGE', message, file: at, line });
}

/** On a thread of libuv's pool. */
async function checkHash({ name, hashes }: Requirement, file: string, bytes: Uint8Array): Promise<void> {
  const algorithms = [...new Set(hashes.map((each) => each.slice(0, each.indexOf(':'))))];
  const digests = await Promise.all(
    algorithms.map(async (algorithm) => {
      const digest = await webcrypto.subtle.digest(algorithm.replace('sha', 'SHA-'), bytes);
      return `${algorithm}:${Buffer.from(digest).toString('hex')}`;
    }),
  );
  if (hashes.length > 0 && !digests.some((each) => hashes.includes(each))) {
    const message = `${file} has the digest ${digests[0]}, which is none that the requirements file allows for ${name}`;
    throw new PluginBuildError({ code: 'ERR_PACKAGE', message, file });
  }
}
