import { readFile } from 'node:fs/promises';
import path from 'node:path';

import type { OnResolveArgs, Plugin } from 'esbuild';

import type { BuildErrorCode } from '../errors.js';
import type { Source } from './source.js';

/** What plugins import of this package. The rest for authors is types. */
const forAuthors = path.join(__dirname, '../../src/author/result.ts');

/** What the bundler passes on with an error of {@link importRules}. */
export interface RuleDetail {
  code: BuildErrorCode;
}

/** What a plugin may import. */
export function importRules(source: Source): Plugin {
  return {
    name: 'hookcell',
    setup(build) {
      // Under a name of its own, so that it is the same wherever this package is installed.
      build.onResolve({ filter: /^@hookcell\/javascript$/ }, ({ path: specifier }) => ({
        path: specifier,
        namespace: 'package',
      }));
      build.onLoad({ filter: /(?:)/, namespace: 'package' }, async () => ({
        contents: await readFile(forAuthors, 'utf8'),
        loader: 'ts',
      }));
      build.onResolve({ filter: /^(?:https?:)?\/\// }, () =>
        refused(
          'ERR_UNRESOLVED',
          'nothing is fetched from the network: install the package, and import it by its name',
        ),
      );
      if (!source.imports) {
        build.onResolve({ filter: /(?:)/ }, (args) => (args.kind === 'entry-point' ? undefined : refusedImport(args)));
      }
      build.onLoad({ filter: /\.[jt]sx$/ }, () =>
        refused('ERR_SYNTAX', 'JSX is not supported: a plugin has nothing to render'),
      );
    },
  };
}

function refusedImport({ path: specifier }: OnResolveArgs) {
  return refused(
    'ERR_UNRESOLVED',
    `"${specifier}" cannot be imported: this source may import only @hookcell/javascript`,
  );
}

function refused(code: BuildErrorCode, text: string) {
  const detail: RuleDetail = { code };
  return { errors: [{ text, detail }] };
}
