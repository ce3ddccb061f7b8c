import { HookcellError } from '../../errors.js';

/** The most problems that a message lists. */
const MOST_LISTED = 20;

/** What is wrong with a JSON file, with the path of each value. */
export class Problems {
  readonly #found: { path: string; text: string }[] = [];
  readonly #what: string;

  /** @param what - the file, for the error */
  constructor(what: string) {
    this.#what = what;
  }

  /** @param path - such as `plugins[2].sha256` */
  add(path: string, text: string): void {
    this.#found.push({ path, text });
  }

  /** Is something wrong with a value, or with what it has? */
  has(path: string): boolean {
    return this.#found.some((each) => each.path === path || each.path.startsWith(`${path}.`));
  }

  /** Is anything wrong? */
  get any(): boolean {
    return this.#found.length > 0;
  }

  /** @throws {@link HookcellError} `ERR_MANIFEST` that lists the problems, if there are any */
  throwIfAny(): void {
    const [first, second] = this.#found;
    if (first === undefined) {
      return;
    }
    const lines = this.#found.slice(0, MOST_LISTED).map(({ path, text }) => (path === '' ? text : `${path} ${text}`));
    const more = this.#found.length - lines.length;
    const list = lines.map((line) => `\n- ${line}`).join('') + (more > 0 ? `\n- and ${more} more` : '');
    throw new HookcellError(
      'ERR_MANIFEST',
      `${this.#what} is not valid: ${second === undefined ? (lines[0] as string) : list}`,
      { path: first.path },
    );
  }
}
