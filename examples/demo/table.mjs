import { fit, paint } from './terminal.mjs';

/**
 * @typedef {object} Column
 * @property {string} title
 * @property {number} width in characters
 * @property {boolean} [right] whether to align it to the right, like numbers
 */

/** Prints rows of text in columns. Text that is too long for its column is cut. */
export class Table {
  #columns;
  #gap;

  /**
   * @param {Column[]} columns
   * @param {number} gap the spaces between two columns
   */
  constructor(columns, gap = 2) {
    this.#columns = columns;
    this.#gap = ' '.repeat(gap);
  }

  printTitles() {
    console.log(paint('dim', this.#line(this.#columns.map(({ title }) => title))));
  }

  /**
   * @param {string[]} cells
   * @param {Record<string, string>} styles of columns that have one, by their titles
   */
  printRow(cells, styles = {}) {
    console.log(this.#line(cells, styles));
  }

  #line(cells, styles = {}) {
    const padded = this.#columns.map(({ title, width, right }, index) => {
      const text = fit(cells[index], width);
      const spaces = ' '.repeat(width - text.length);
      const shown = paint(styles[title], text);
      return right ? spaces + shown : shown + spaces;
    });
    return padded.join(this.#gap).trimEnd();
  }
}
