import type { ParsedOptions } from '../build/build-options.js';
import type { Bundle } from '../bundle/bundle.js';
import type { Engine } from '../sandbox/engine.js';

/** What was built when an error came. */
export interface Failed {
  source: string;
  engine: Engine;
  bundle: Bundle;
  options: ParsedOptions;
  file: string;
}
