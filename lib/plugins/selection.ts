import type { WholeContext } from '../calls/context.js';
import type { CalledPlugin } from '../hooks/choice/call-chosen.js';
import type { ChosenPlugin, ChosenPlugins } from '../hooks/choice/plugin-choice.js';
import type { Monitors } from './monitor/monitors.js';
import type { Selected } from './versions/generation.js';
import type { Slot } from './versions/slot.js';

/** The plugins of a set for one hook of one request. Their versions stay loaded until it ends. */
export class Selection implements ChosenPlugins {
  readonly slots: readonly Slot[];
  readonly plugins: readonly ChosenPlugin[];
  readonly #hook: string;
  readonly #selected: readonly Selected[];
  readonly #monitors: Monitors;
  #compare: ((release: () => void) => void) | undefined;

  constructor(hook: string, selected: readonly Selected[], tenant: string | null, monitors: Monitors) {
    this.#hook = hook;
    this.#selected = selected;
    this.#monitors = monitors;
    this.slots = selected.flatMap(({ slot }) => slot ?? []);
    this.plugins = this.slots.map((slot) => slot.chosenFor(tenant));
    for (const { version } of this.#all()) {
      version.hold();
    }
  }

  /** The plugins for a chain. The policies of a manifest are words. */
  get called(): CalledPlugin[] {
    return this.slots.map(({ entry: { onFault, onReject } }, index) => {
      const { plugin, config } = this.plugins[index] as ChosenPlugin;
      return { chained: { plugin, config }, onFault, onReject };
    });
  }

  begin(context: WholeContext<object>): void {
    this.#monitors.makeWay();
    this.#compare = this.#monitors.sample(this.#hook, this.#selected, context);
  }

  end(): void {
    const release = () => {
      for (const { version } of this.#all()) {
        version.release();
      }
    };
    if (this.#compare === undefined) {
      release();
    } else {
      this.#compare(release);
    }
  }

  #all(): Slot[] {
    return this.#selected.flatMap(({ slot, monitor }) => [slot, monitor].filter((each) => each !== undefined));
  }
}
