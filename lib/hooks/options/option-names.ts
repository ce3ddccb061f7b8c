import { shown } from '../../values/shown-text.js';
import { isRecord, kindOf } from '../../values/value-kind.js';
import { serverMistake } from '../failure/server-mistake.js';

/** Throws a `TypeError` if options are not an object, or if one of them is unknown. */
export function refuseUnknownOptions(owner: string, options: unknown, known: readonly string[]): void {
  if (!isRecord(options)) {
    throw serverMistake(`${owner} must be an object, got ${kindOf(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw serverMistake(`${owner}: unknown option '${shown(name)}'; the options are ${known.join(', ')}`);
    }
  }
}
