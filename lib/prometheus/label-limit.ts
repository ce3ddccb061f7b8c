/** What stands for every further value. */
const OTHER = 'other';

/** The longest value of a label, in UTF-16 units. */
const MOST_LENGTH = 256;

/** Bounds the values of a label: each combination of labels is a series that stays for good. */
export class LabelLimit {
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The value itself, or `other` if there are too many. */
  get(value: string): string {
    // Half a character would be written as another one, and two series could then have the same labels.
    const cut = (value.length > MOST_LENGTH ? value.slice(0, MOST_LENGTH) : value).toWellFormed();
    if (this.#known.has(cut)) {
      return cut;
    }
    if (this.#known.size >= this.#most) {
      return OTHER;
    }
    this.#known.add(cut);
    return cut;
  }
}
