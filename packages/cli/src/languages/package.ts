import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { UsageError } from '../exit.js';
import { withPluginCache } from '../shared/cache-home.js';
import { shown } from '../terminal/shown-text.js';
import { BuildFailure } from './build-failure.js';
import type { BuildRequest, Tool } from './language.js';

/** The part of the builder that this command uses. The project chooses its version. */
interface Builder {
  buildPlugin(source: { entry: string }, options?: object): Promise<{ wasm: Uint8Array }>;
}

/** What the builder throws if the source is at fault. */
interface BuildError extends Error {
  problems?: readonly {
    code: string;
    message: string;
    file?: string;
    line?: number;
    column?: number;
    lineText?: string;
  }[];
}

/** The path of a module that a project has installed, or that is installed beside this command. */
export function resolveFrom(folder: string, module: string): string | undefined {
  for (const from of [path.join(path.resolve(folder), 'package.json'), __filename]) {
    try {
      return createRequire(from).resolve(module);
    } catch {
      // It may be in the other place.
    }
  }
  return undefined;
}

/** An npm package as a tool. */
export function packageTool(name: string): Tool {
  return {
    name,
    install: `npm install --save-dev ${name}`,
    find(folder) {
      const manifest = resolveFrom(folder, `${name}/package.json`);
      const version = manifest === undefined ? undefined : (require(manifest) as { version: string }).version;
      return Promise.resolve(version);
    },
  };
}

/** A build with a package of hookcell for the language, which the project chooses the version of. */
export function buildWithPackage(name: string) {
  return (request: BuildRequest): Promise<void> => build(name, request);
}

async function build(name: string, { entry, output, folder, settings }: BuildRequest): Promise<void> {
  const { buildPlugin } = (await import(resolveFrom(folder, name) ?? name)) as Builder;
  try {
    const source = { entry: path.resolve(folder, entry) };
    // The engine's machine code is there after the first build, and that of its plugins for the other commands.
    const { wasm } = await withPluginCache((cacheDir) => buildPlugin(source, { ...settings, cacheDir }));
    await writeFile(output, wasm);
  } catch (error) {
    if (error instanceof TypeError && Object.keys(settings).length > 0) {
      throw new UsageError(error.message, { cause: error });
    }
    const { problems } = error as BuildError;
    if (problems === undefined) {
      throw error;
    }
    throw new BuildFailure(problems.map(describeProblem).join('\n\n'), { cause: error });
  }
}

function describeProblem({ code, message, file, line, column, lineText }: NonNullable<BuildError['problems']>[number]) {
  const where =
    file === undefined ? '' : `\n  at ${[file, line, column].filter((part) => part !== undefined).join(':')}`;
  return `${code}: ${message}${where}${lineText === undefined ? '' : `\n    ${shown(lineText)}`}`;
}
