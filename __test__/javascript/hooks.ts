import { emptyContext, Engine, InV8 } from './engine';
import type { Answer } from './engine';

interface Thrown {
  name?: string;
  message: string;
  backtrace: object[];
}

/** Builds and calls hooks that are given as text. */
export class Hooks {
  private constructor(readonly engine: Engine) {}

  static async load(): Promise<Hooks> {
    return new Hooks(await Engine.load());
  }

  /** A plugin whose hook is this function. */
  async plugin(hook: string): Promise<InV8> {
    return new InV8(await this.engine.plugin(`export const before_hook = ${hook};`));
  }

  async run(hook: string, context: object = emptyContext): Promise<Answer> {
    return (await this.plugin(hook)).call(context);
  }

  /** What the body returns in a hook, as JSON writes it. */
  async valueOf(body: string, context: object = emptyContext): Promise<unknown> {
    const hook = `async (ctx) => ({ data: { value: await (async () => { ${body} })() } })`;
    return this.valueIn(`export const before_hook = ${hook};`, context);
  }

  /** The `value` in the data that a module's hook returns. */
  async valueIn(source: string, context: object = emptyContext): Promise<unknown> {
    const { result } = new InV8(await this.engine.plugin(source)).call(context);
    return (result as { ctx?: { data: { value: unknown } } }).ctx?.data.value ?? result;
  }

  async thrownBy(hook: string): Promise<Thrown> {
    return ((await this.run(hook)).result as { thrown: Thrown }).thrown;
  }
}
