import { shownLine } from '../bundle/bundle-map.js';
import type { Location, Locations } from '../bundle/bundle-map.js';
import { linesOf } from '../strip/source-lines.js';

/** The locations of a source that the engine reads as its author wrote it. */
export class OwnLocations implements Locations {
  readonly text = '{}';

  constructor(
    readonly file: string,
    readonly source: string,
  ) {}

  forPlugin(): undefined {
    return undefined;
  }

  locate(line: number, column: number): Location {
    return { file: this.file, line, column, lineText: shownLine(linesOf(this.source)[line - 1] ?? '') };
  }

  find(file: string, pattern: RegExp): Location | undefined {
    for (const [index, text] of linesOf(this.source).entries()) {
      const match = pattern.exec(text);
      if (match !== null) {
        return { file, line: index + 1, column: match.index + 1, lineText: shownLine(text) };
      }
    }
    return undefined;
  }
}
