import { transform } from 'esbuild';

import { PluginBuildError } from '../errors.js';
import type { Problem } from '../errors.js';
import type { Bundle } from './bundle.js';
import { BundleMap, isAuthors } from './bundle-map.js';
import type { Location } from './bundle-map.js';
import type { Warning } from './bundle-problems.js';
import { withBundler } from './bundler.js';

/** What makes code from text, by its name. */
const makers = { eval: 'eval', Function: 'new Function' } as const;

type Maker = keyof typeof makers;

/**
 * Finds calls of `eval` and of `Function`, as far as they can be seen. Packages often only try them, and do without: those calls
 * are warnings.
 *
 * @throws {PluginBuildError} `ERR_EVAL` if the author's own source has one
 */
export async function refuseDynamicCode(bundle: Bundle): Promise<Warning[]> {
  const found = await findCalls(bundle);
  const own = found.filter(({ location }) => location !== undefined && isAuthors(location));
  const problems = own.map(({ maker, location }) => problemOf(maker, location));
  const [first] = problems;
  if (first !== undefined) {
    throw new PluginBuildError(first, { problems });
  }
  return found.map(({ maker, location }) => warningOf(maker, location));
}

function problemOf(maker: Maker, location: Location | undefined): Problem {
  const message = `${makers[maker]} makes code from text, which a plugin cannot: it has no compiler in it`;
  return { code: 'ERR_EVAL', message, ...location };
}

function warningOf(maker: Maker, location: Location | undefined): Warning {
  return { message: `${makers[maker]} throws in a plugin`, ...location };
}

interface Call {
  maker: Maker;
  location: Location | undefined;
}

async function findCalls({ code, map }: Bundle): Promise<Call[]> {
  if (!/\b(?:eval|Function)\b/.test(code)) {
    return [];
  }
  // The bundler knows which of these names are global, and puts these marks there.
  const marks = { eval: unusedName(code, 'evalMark'), Function: unusedName(code, 'functionMark') };
  const define = Object.fromEntries(
    Object.entries(marks).flatMap(([name, mark]) => [
      [name, mark],
      [`globalThis.${name}`, mark],
    ]),
  );
  const comment = Buffer.from(map.text).toString('base64');
  const marked = await withBundler(() =>
    transform(`${code}\n//# sourceMappingURL=data:application/json;base64,${comment}\n`, {
      define,
      format: 'esm',
      target: 'es2023',
      charset: 'ascii',
      sourcemap: 'external',
      logLevel: 'silent',
    }),
  );
  const markedMap = new BundleMap(marked.map);
  return marked.code.split('\n').flatMap((text, line) =>
    (Object.keys(makers) as Maker[]).flatMap((maker) =>
      Array.from(text.matchAll(new RegExp(`\\b${marks[maker]}\\(|(?<=, )${marks[maker]}\\)\\(`, 'g')), ({ index }) => ({
        maker,
        location: markedMap.locate(line + 1, index + 1),
      })),
    ),
  );
}

function unusedName(code: string, name: string): string {
  let unused = name;
  for (let number = 1; code.includes(unused); number += 1) {
    unused = `${name}${number}`;
  }
  return unused;
}
