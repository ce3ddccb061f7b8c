import { Table } from './table.mjs';
import { duration, integer, lineWidth, printHeading, printWrapped, size } from './terminal.mjs';

const WIDE = 107;
const LABEL_WIDTH = 8;
const INDENT = ' '.repeat(6);

/** Prints each request when it ends: a line of figures, and below it the request, the response and the rows. */
export class Transcript {
  // On a narrow terminal the status is a number only.
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

  /** Prints the names of the figures. */
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
   * @param {string} [row.number] default: one more than in the previous line
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
   * Prints an exchange: its figures, the request and the response, or only the response if the step is brief.
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

  /** Prints the differences from what was expected. */
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
