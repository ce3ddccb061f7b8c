import { least, loads, middle, ratio } from './measures/rounds.mjs';
import { judge } from './targets.mjs';

const figures = ['perSecond', 'p50', 'p99', 'loopDelay', 'loopUsed'];

/** Everything that one run measured. */
export class Results {
  #series;

  /** @type {Map<string, number>} microseconds of a call without Node.js around it */
  cells;
  /** @type {Awaited<ReturnType<typeof import('./measures/phases.mjs').measurePhases>> | undefined} */
  phases;
  /** @type {Awaited<ReturnType<typeof import('./measures/concurrency.mjs').measureConcurrency>> | undefined} */
  concurrency;
  /** @type {Awaited<ReturnType<typeof import('./express/load.mjs').measureExpress>> | undefined} */
  express;
  /** Whether this is a run without --only, whose report lists what is missing. */
  isWhole = true;
  /** Where and how it was measured. */
  environment;

  /** @param {{ series: import('./measures/rounds.mjs').Series[], cells: Map<string, number> }} measured */
  constructor({ series, cells }) {
    this.#series = new Map(series.map((each) => [each.subject.name, each]));
    this.cells = cells;
  }

  get isEmpty() {
    return this.names.length === 0 && this.cells.size === 0 && !this.concurrency && !this.express;
  }

  /** The names of the subjects, in the order in which they were measured. */
  get names() {
    return [...this.#series.keys()];
  }

  has(name) {
    return this.#series.has(name);
  }

  /** The median of the rounds; undefined if it was not measured. */
  middle(name, inFlight, figure) {
    return middle(this.#series.get(name), inFlight, figure);
  }

  /** The least of the rounds. */
  least(name, inFlight, figure) {
    return least(this.#series.get(name), inFlight, figure);
  }

  /** The median of the rounds' ratios; undefined if one of the two was not measured. */
  ratio(name, base, inFlight, figure) {
    return this.has(name) && this.has(base)
      ? ratio(this.#series.get(name), this.#series.get(base), inFlight, figure)
      : undefined;
  }

  /** Which targets were reached. */
  targets() {
    return judge(this);
  }

  toJSON() {
    const { environment, cells, phases, concurrency, express } = this;
    return {
      takenOn: new Date().toISOString().slice(0, 10),
      environment,
      targets: this.targets(),
      subjects: Object.fromEntries(
        this.names.map((name) => [
          name,
          Object.fromEntries(loads.map((inFlight) => [inFlight, this.#figures(name, inFlight)])),
        ]),
      ),
      withoutNode: Object.fromEntries(cells),
      phases,
      concurrency,
      express,
    };
  }

  #figures(name, inFlight) {
    return this.middle(name, inFlight, 'calls') === undefined
      ? undefined
      : Object.fromEntries(figures.map((figure) => [figure, this.middle(name, inFlight, figure)]));
  }
}
