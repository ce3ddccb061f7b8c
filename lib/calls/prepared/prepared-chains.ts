import { internalError } from '../../errors.js';
import type { NativeRuntime } from '../../native.js';
import { PreparedPlugin } from './prepared-plugin.js';
import type { Submit } from './prepared-hook.js';

/** The most steps and plugins to remember. A caller of ever new names must not fill the memory. */
const MOST_STEPS = 1_024;

/** The longest text of a step to remember, in UTF-16 units. */
const MOST_LENGTH = 1_024;

/** A step of the chains that begin alike. */
interface Step {
  readonly next: Map<string, Step>;
  /** The chains that end here, by their hooks. */
  readonly chains: Map<string, Submit>;
}

/** The chains that a runtime was asked for, so that a call does not pass their plugins to the addon again. */
export class PreparedChains {
  readonly #native: NativeRuntime;
  #first = makeStep();
  #steps = 0;
  /** Plugins without limits of their own, by what the caller wrote. */
  readonly #plugins = new Map<string, PreparedPlugin>();

  constructor(native: NativeRuntime) {
    this.#native = native;
  }

  /** @throws {@link HookcellError} `ERR_INTERNAL` if the addon fails */
  get(plugins: readonly PreparedPlugin[], hook: string): Submit {
    let step: Step | undefined = this.#first;
    for (const { json } of plugins) {
      step = step.next.get(json);
      if (step === undefined) {
        break;
      }
    }
    return step?.chains.get(hook) ?? this.#prepare(plugins, hook);
  }

  /** The plugin that was remembered for this text. */
  plugin(text: unknown): PreparedPlugin | undefined {
    return this.#plugins.get(text as string);
  }

  /** Remembers what a plugin without limits of its own is, if the caller wrote a text. */
  rememberPlugin(text: unknown, plugin: PreparedPlugin): void {
    if (typeof text === 'string' && text.length <= MOST_LENGTH) {
      if (this.#plugins.size >= MOST_STEPS) {
        this.#plugins.clear();
      }
      this.#plugins.set(text, plugin);
    }
  }

  #prepare(plugins: readonly PreparedPlugin[], hook: string): Submit {
    const texts = plugins.map(({ json }) => json);
    let submit: Submit;
    try {
      submit = this.#native.prepareChain(`[${texts.join()}]`, hook);
    } catch (cause) {
      throw internalError(cause);
    }
    if (hook.length <= MOST_LENGTH && texts.every(({ length }) => length <= MOST_LENGTH)) {
      this.#remember(texts, hook, submit);
    }
    return submit;
  }

  #remember(texts: readonly string[], hook: string, submit: Submit): void {
    if (this.#steps >= MOST_STEPS) {
      this.#first = makeStep();
      this.#steps = 0;
    }
    // The addon has its own copy for each chain, even if two begin alike.
    this.#steps += texts.length;
    let step = this.#first;
    for (const text of texts) {
      let next = step.next.get(text);
      if (next === undefined) {
        next = makeStep();
        step.next.set(text, next);
      }
      step = next;
    }
    step.chains.set(hook, submit);
  }
}

function makeStep(): Step {
  return { next: new Map(), chains: new Map() };
}
