import { lineAt, linesOf } from '../strip/source-lines.js';
import { PluginBuildError } from '../errors.js';
import { compile, makePlugin } from '../sandbox/steps.js';
import type { Failed } from './failed-build.js';

/** A trial may use this part of the build's fuel and time, so that all trials take about as long as the build did. */
const part = 10;
/** Thrown where a trial ends. */
const mark = 'the trial ends here';

/**
 * Finds the statement of the top level that does not end, in the source as the engine reads it: a trial runs the first lines with a
 * `throw` after them, in sandboxes, and each trial halves the lines that it can be in. This takes at most the time of a build.
 */
export async function endlessStatement(failed: Failed): Promise<{ line: number; column: number }> {
  const { code } = failed.bundle;
  const lines = linesOf(code);
  const end = performance.now() + failed.options.limits.timeoutMs;
  // All statements in the first `good` lines end, and one in the first `bad` lines does not.
  let [good, bad] = [0, lines.length];
  while (bad - good > 1) {
    const found = await boundaryNear(lines, good, bad, failed, end);
    if (found === undefined) {
      break;
    }
    if (await ends(found, failed)) {
      good = found.lines;
    } else {
      bad = found.lines;
    }
  }
  const begin = lines.slice(0, good).join('\n').length + (good > 0 ? 1 : 0);
  const indent = /\S/.exec(code.slice(begin))?.index ?? 0;
  return lineAt(code, begin + indent);
}

/** So many lines of the source, compiled with a `throw` after them. */
interface FirstLines {
  lines: number;
  bytecode: Uint8Array;
}

/** The place between two statements that is nearest to the middle of these lines. */
async function boundaryNear(
  lines: string[],
  good: number,
  bad: number,
  failed: Failed,
  end: number,
): Promise<FirstLines | undefined> {
  const middle = Math.floor((good + bad) / 2);
  for (let distance = 0; middle - distance > good || middle + distance < bad; distance += 1) {
    for (const cut of distance === 0 ? [middle] : [middle - distance, middle + distance]) {
      if (performance.now() > end) {
        return undefined;
      }
      const bytecode = cut > good && cut < bad ? await compiled(lines.slice(0, cut), failed) : undefined;
      if (bytecode !== undefined) {
        return { lines: cut, bytecode };
      }
    }
  }
  return undefined;
}

/** The bytecode of these lines; undefined if they end inside a statement. */
async function compiled(lines: string[], { engine, bundle, options }: Failed): Promise<Uint8Array | undefined> {
  const code = `${lines.join('\n')}\n;throw ${JSON.stringify(mark)};`;
  return await compile(engine, { ...bundle, code }, options).catch((error: unknown) => {
    if (error instanceof PluginBuildError) {
      return undefined;
    }
    throw error;
  });
}

async function ends({ bytecode }: FirstLines, { engine, bundle, options }: Failed): Promise<boolean> {
  const { maxFuel, timeoutMs } = options.limits;
  const limits = { ...options.limits, maxFuel: Math.ceil(maxFuel / part), timeoutMs: Math.ceil(timeoutMs / part) };
  const error: unknown = await makePlugin(engine, bundle, bytecode, { ...options, limits, samples: [] }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof PluginBuildError) {
    return error.code === 'ERR_THROWN' && error.message.endsWith(mark);
  }
  throw error;
}
