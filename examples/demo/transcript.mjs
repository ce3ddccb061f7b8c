import { Table } from './table.mjs';
import { duration, integer, lineWidth, printHeading, printWrapped, size } from './terminal.mjs';

const WIDE = 107;
const LABEL_WIDTH = 8;
const INDENT = ' '.repeat(6);

/** Prints requests as they are answered: a line of figures for each, and below it what was said and done. */
export class Transcript {
  // On a narrow terminal the status does without its words.
  #wide = lineWidth() >= WIDE;
  #table = new Table(
    [
      { title: '#', width: 4, right: true },
      { title: 'request', width: 11 },
      { title: 'tenant', width: 11 },
      { title: 'answer', width: this.#wide ? 25 : 6 },
      { title: 'plugin', width: 11 },
      { title: 'time', width: 6, right: true },
      { title: 'hooks', width: 6, right: true },
      { title: 'fuel', width: 9, right: true },
      { title: 'memory', width: 8, right: true },
    ],
    this.#wide ? 2 : 1,
  );
  #rows = 0;

  /** Says what the figures are. */
  printLegend() {
    printWrapped(
      '  ',
      'plugin: how its hooks ended. time: from the request to the end of the response. hooks: their part of it. ' +
        'fuel: about one unit per instruction, unknown after a trap. memory: the most that the plugin had.',
      'dim',
    );
  }

  /** Begins a part with this title. */
  begin(title) {
    printHeading(title);
    this.#table.printTitles();
  }

  /**
   * Prints a line of figures.
   *
   * @param {object} row
   * @param {string} [row.number] default one more than in the line before
   * @param {string} row.request
   * @param {string} row.tenant
   * @param {{ status: number, reason: string, ms: number }} row.answer
   * @param {import('./hook-calls.mjs').HookOutcome | undefined} row.hooks
   */
  printRow({ number = String((this.#rows += 1)), request, tenant, answer, hooks }) {
    const status = this.#wide ? `${answer.status} ${answer.reason}` : String(answer.status);
    this.#table.printRow(
      [number, request, tenant, status, hooks?.outcome ?? '–', duration(answer.ms), ...figures(hooks)],
      { plugin: styleOf(hooks?.outcome) },
    );
  }

  /** Prints something that belongs to the line of figures above. */
  printNote(label, text, style) {
    printWrapped(INDENT + label.padEnd(LABEL_WIDTH), text, style);
  }

  /**
   * Prints an exchange, its figures and what was said; of a brief one only the answer.
   *
   * @param {import('./exchange.mjs').Exchange} exchange
   */
  printExchange({ step, answer, hooks, stored, surprises }) {
    this.printRow({ request: 'POST /users', tenant: step.tenant, answer, hooks });
    if (step.does !== undefined) {
      this.printNote('does', step.does);
    }
    if (step.brief !== true) {
      this.printNote('sent', JSON.stringify(step.body));
      for (const user of stored) {
        this.printNote('stored', JSON.stringify(user));
      }
    }
    this.printNote('answer', JSON.stringify(answer.body));
    if (hooks?.fault !== undefined) {
      this.printNote('fault', hooks.fault);
    }
    this.printSurprises(surprises);
  }

  /** Prints what is not as expected. */
  printSurprises(surprises) {
    for (const surprise of surprises) {
      this.printNote('WRONG', surprise, 'red');
    }
  }
}

function styleOf(outcome) {
  const styles = { accepted: 'green', rejected: 'yellow', undefined: 'dim' };
  return styles[outcome] ?? 'red';
}

function figures(hooks) {
  if (hooks === undefined) {
    return ['–', '–', '–'];
  }
  const { ms, fuel, memoryBytes } = hooks;
  return [duration(ms), fuel === undefined ? '–' : integer(fuel), size(memoryBytes)];
}
