import { least, loads as allLoads, middle, ratio } from './measures/rounds.mjs';
import { judge } from './targets.mjs';

const figures = ['perSecond', 'p50', 'p99', 'cpu', 'loopCpu', 'loopDelay', 'loopUsed'];

/** Everything that one run measured. */
export class Results {
  #series;

  /** The names of the subjects, in the order in which they were measured; without those of {@link Results.memory}. */
  names;
  /** The names of the subjects whose memory grows from one to the next. */
  memory;
  /** @type {Map<string, number>} microseconds of a call without Node.js around it */
  cells;
  /** @type {Awaited<ReturnType<typeof import('./measures/phases.mjs').measurePhases>> | undefined} */
  phases;
  /** @type {Awaited<ReturnType<typeof import('./measures/large-calls.mjs').measureLargeCalls>> | undefined} */
  largeCalls;
  /** @type {Awaited<ReturnType<typeof import('./measures/loads.mjs').measureLoads>> | undefined} */
  loads;
  /** @type {Awaited<ReturnType<typeof import('./measures/concurrency.mjs').measureConcurrency>> | undefined} */
  concurrency;
  /** @type {Awaited<ReturnType<typeof import('./measures/telemetry.mjs').measureTelemetry>> | undefined} */
  telemetry;
  /** @type {Awaited<ReturnType<typeof import('./express/load.mjs').measureExpress>> | undefined} */
  express;
  /** Whether this is a run without --only, whose report lists what is missing. */
  isWhole = true;
  /** Where and how it was measured. */
  environment;

  /**
   * @param {{ series: import('./measures/rounds.mjs').Series[], memory: import('./measures/rounds.mjs').Series[],
   *   cells: Map<string, number> }} measured
   */
  constructor({ series, memory, cells }) {
    this.#series = new Map([...series, ...memory].map((each) => [each.subject.name, each]));
    [this.names, this.memory] = [series, memory].map((all) => all.map(({ subject }) => subject.name));
    this.cells = cells;
  }

  get isEmpty() {
    const { largeCalls, loads, concurrency, telemetry, express } = this;
    const others = [largeCalls, loads, concurrency, telemetry, express];
    return this.#series.size === 0 && this.cells.size === 0 && others.every((each) => each === undefined);
  }

  has(name) {
    return this.#series.has(name);
  }

  /** The median of the rounds; undefined if it was not measured. */
  middle(name, inFlight, figure) {
    const series = this.#series.get(name);
    return series && middle(series, inFlight, figure);
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
    const { environment, cells, phases, largeCalls, loads, concurrency, telemetry, express } = this;
    return {
      takenOn: new Date().toISOString().slice(0, 10),
      environment,
      targets: this.targets(),
      subjects: this.#byName(this.names),
      memory: this.#byName(this.memory),
      withoutNode: Object.fromEntries(cells),
      phases,
      largeCalls,
      loads,
      concurrency,
      telemetry,
      express,
    };
  }

  #byName(names) {
    const byLoad = (name) => Object.fromEntries(allLoads.map((inFlight) => [inFlight, this.#figures(name, inFlight)]));
    return Object.fromEntries(names.map((name) => [name, byLoad(name)]));
  }

  #figures(name, inFlight) {
    return this.middle(name, inFlight, 'calls') === undefined
      ? undefined
      : Object.fromEntries(figures.map((figure) => [figure, this.middle(name, inFlight, figure)]));
  }
}
