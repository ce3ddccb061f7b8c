import { contentOf } from './sections.js';
import type { Section } from './sections.js';

/** One tool or language that made the module, as the module says. */
export interface Producer {
  readonly name: string;
  readonly version: string;
}

/** What the section `producers` says about who made the module. Anyone can write it. */
export interface Producers {
  readonly languages: readonly Producer[];
  readonly tools: readonly Producer[];
}

/** Reads the section `producers`, if there is one that can be read. */
export function readProducers(module: Uint8Array, sections: readonly Section[]): Producers {
  const fields = new Map<string, Producer[]>();
  readCustom(module, sections, 'producers', (reader) => {
    reader.list(() => {
      const field = reader.text();
      fields.set(
        field,
        reader.list(() => ({ name: reader.text(), version: reader.text() })),
      );
    });
  });
  return {
    languages: fields.get('language') ?? [],
    tools: [...(fields.get('processed-by') ?? []), ...(fields.get('sdk') ?? [])],
  };
}

/** Reads the section `target_features`: the features that the compiler could use. Sorted by name. */
export function readTargetFeatures(module: Uint8Array, sections: readonly Section[]): string[] {
  const features: string[] = [];
  readCustom(module, sections, 'target_features', (reader) => {
    reader.list(() => {
      const isUsed = reader.byte() === USED;
      const name = reader.text();
      if (isUsed) {
        features.push(name);
      }
    });
  });
  return features.toSorted();
}

const USED = 0x2b;

function readCustom(
  module: Uint8Array,
  sections: readonly Section[],
  name: string,
  read: (reader: ReturnType<typeof contentOf>) => void,
): void {
  const section = sections.find((each) => each.name === name);
  if (section === undefined) {
    return;
  }
  try {
    read(contentOf(module, section));
  } catch {
    // A hint that cannot be read is no hint.
  }
}
