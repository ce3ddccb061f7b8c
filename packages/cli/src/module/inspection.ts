import { createHash } from 'node:crypto';

import { MalformedModule } from './malformed-module.js';
import { readDeclarations } from './declarations.js';
import type { Declarations } from './declarations.js';
import { readMetadata } from './metadata.js';
import type { Metadata } from './metadata.js';
import { readProducers, readTargetFeatures } from './producers.js';
import type { Producers } from './producers.js';
import { contentOf, readSections } from './sections.js';
import type { Section } from './sections.js';

/** The custom section with the limits that a plugin declares. */
const LIMITS_SECTION = 'hookcell.limits';
const MOST_LIMITS_BYTES = 65_536;

/** What can be read in a module without running or compiling it. */
export interface Inspection {
  readonly sha256: string;
  readonly bytes: number;
  readonly sections: readonly Section[];
  /** Missing if the module is malformed. */
  readonly declarations?: Declarations;
  readonly producers?: Producers;
  /** The features that the compiler could use, if it said so. */
  readonly targetFeatures?: readonly string[];
  readonly metadata?: Metadata;
  readonly declaredLimits?: unknown;
  /** What cannot be read, and why. */
  readonly problems: readonly string[];
}

/** Reads a module that anyone may have written. */
export function inspect(module: Uint8Array): Inspection {
  const problems: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof MalformedModule || error instanceof SyntaxError)) {
        throw error;
      }
      problems.push(error.message);
      return undefined;
    }
  };
  const sections = attempt(() => readSections(module)) ?? [];
  const declarations = attempt(() => readDeclarations(module, sections));
  const { metadata, problem } = readMetadata(module, sections);
  if (problem !== undefined) {
    problems.push(problem);
  }
  const declaredLimits = attempt(() => readDeclaredLimits(module, sections));
  return {
    sha256: createHash('sha256').update(module).digest('hex'),
    bytes: module.length,
    sections,
    ...(declarations === undefined ? {} : { declarations }),
    producers: readProducers(module, sections),
    targetFeatures: readTargetFeatures(module, sections),
    ...(metadata === undefined ? {} : { metadata }),
    ...(declaredLimits === undefined ? {} : { declaredLimits }),
    problems,
  };
}

function readDeclaredLimits(module: Uint8Array, sections: readonly Section[]): unknown {
  const section = sections.find(({ name }) => name === LIMITS_SECTION);
  if (section === undefined) {
    return undefined;
  }
  if (section.end - section.start > MOST_LIMITS_BYTES) {
    throw new MalformedModule(`${LIMITS_SECTION} has more than ${MOST_LIMITS_BYTES} bytes`);
  }
  return JSON.parse(contentOf(module, section).rest());
}
