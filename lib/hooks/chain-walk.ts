import type { WholeContext } from '../calls/context.js';
import type { RequestOfLine } from './failure/notices.js';
import type { PreparedCallOptions } from '../calls/prepared/prepared-calls.js';
import { HookcellError } from '../errors.js';
import { MAX_CHAIN } from '../native.js';
import type { PreparedPlugin } from '../calls/prepared/prepared-plugin.js';
import type { Faulted, Rejected, Usage } from '../calls/result.js';
import type { ResponseData } from './response-data.js';
import type { CallKind, CallEnd } from './circuit/circuit.js';
import type { FaultedFailure, HookFailure, HookStage, RejectedFailure } from './failure/failure.js';
import type { HookSettings } from './options/hook-settings.js';
import { applyJsonChanges } from './json-changes.js';
import { verdictOf } from './failure/policy.js';
import type { Verdict } from './failure/policy.js';
import type { ParsedChoiceStep, ParsedNativeStep, ParsedPluginStep, ParsedStep } from './parsed-step.js';
import { parseNativeResult } from './native-hook.js';
import { HookRejection } from './rejection.js';
import { choosePlugin } from './options/chosen-plugin.js';
import { callPlugins } from './hook-caller.js';
import type { HopEnd } from './hook-caller.js';
import type { SchemaCheck } from './schema/schema-check.js';
import { serverMistake } from './failure/server-mistake.js';
import { endOf } from './circuit/call-end.js';

/** A plugin of the chain that may be called now. */
interface AdmittedCall {
  /** Its index in the chain. */
  readonly index: number;
  readonly step: ParsedPluginStep;
  readonly plugin: PreparedPlugin;
  readonly kind: CallKind;
}

/** How plugins ended, and the data that they left. */
interface Hop extends HopEnd<object, unknown> {
  readonly responseData: ResponseData | undefined;
}

/** What a {@link ChainWalk} is made for. */
export interface Walk<R> extends RequestOfLine {
  readonly stage: HookStage;
  readonly steps: readonly ParsedStep[];
  readonly request: R;
  readonly session: object;
  /** The JSON of the caller, for plugins. */
  readonly callerText: string;
  /** What the client sent. */
  readonly clientInput: object | undefined;
  /** Ends the walk, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The schema's results for the values of this stage. */
  readonly check: SchemaCheck;
}

/** Runs the hooks of one stage for one request. */
export class ChainWalk<R> {
  readonly #settings: HookSettings<R>;
  readonly #walk: Walk<R>;
  readonly #check: SchemaCheck;
  /** The member of the context that this stage is about, and that its schema describes. */
  readonly #subject: 'input' | 'data';
  /** As native hooks see it. */
  #context: WholeContext<object>;
  #responseData: ResponseData | undefined;

  /** @param responseData - the data of the context, after the handler */
  constructor(settings: HookSettings<R>, walk: Walk<R>, context: WholeContext<object>, responseData?: ResponseData) {
    this.#settings = settings;
    this.#walk = walk;
    this.#context = context;
    this.#responseData = responseData;
    this.#subject = walk.stage === 'before' ? 'input' : 'data';
    this.#check = walk.check;
  }

  /** The data of the response, as the hooks have left it. */
  get responseData(): ResponseData | undefined {
    return this.#responseData;
  }

  /** Runs the hooks. Resolves the context as they leave it, or throws what ends the request. */
  async end(): Promise<WholeContext<object>> {
    await this.#run(this.#walk.steps);
    return this.#context;
  }

  async #run(steps: readonly ParsedStep[]): Promise<void> {
    let index = 0;
    for (;;) {
      this.#walk.signal?.throwIfAborted();
      const step = steps[index];
      if (step === undefined) {
        return;
      }
      if ('plugin' in step) {
        index = await this.#runPlugins(steps, index);
      } else {
        await ('native' in step ? this.#runNative(step) : this.#runChoice(step));
        index += 1;
      }
    }
  }

  /** The plugins that were chosen stay loaded until they have run. */
  async #runChoice({ choice, hook, stepOf }: ParsedChoiceStep): Promise<void> {
    const chosen = choice.choosePlugins(hook, this.#context, this.#walk.request as object);
    try {
      chosen.begin(this.#context);
      await this.#run(chosen.plugins.map(stepOf));
    } finally {
      chosen.end();
    }
  }

  /** The error that the framework's error handling gets for a failure. */
  problem(failure: HookFailure): Error {
    return this.#settings.problem(failure, this.#walk.request);
  }

  async #runNative({ native, name }: ParsedNativeStep): Promise<void> {
    const given = this.#context;
    // The hook may change the very object that has been checked.
    this.#check.forget();
    const result = parseNativeResult(name, await native(Object.freeze({ ...given, session: this.#walk.session })));
    if (result instanceof HookRejection) {
      const { error, details, status } = result;
      throw this.problem({ kind: 'rejected', stage: this.#walk.stage, error, details, status });
    }
    const { input = given.input, data = given.data } = result ?? {};
    this.#context = { ...given, input, data };
    if (data !== given.data) {
      this.#responseData = this.#responseData?.withValue(data);
    }
    const problem = await this.#check.worsened(given[this.#subject], this.#context[this.#subject]);
    if (problem !== undefined) {
      throw serverMistake(`the ${this.#subject} that ${name} returned does not match the schema: ${problem}`);
    }
  }

  /** Runs the plugins from this index on that can be called in one hop. Resolves the index to continue from. */
  async #runPlugins(steps: readonly ParsedStep[], from: number): Promise<number> {
    const calls: AdmittedCall[] = [];
    let index = from;
    for (const { step, plugin } of this.#together(steps, from)) {
      if (plugin !== undefined) {
        const kind = this.#settings.breaker.admit(plugin.key);
        if (kind === undefined) {
          // Those before it are called first: they may end the request.
          if (calls.length === 0) {
            await this.#skip(step, plugin.key);
            index += 1;
          }
          break;
        }
        calls.push({ index, step, plugin, kind });
      }
      index += 1;
    }
    const done = calls.length === 0 ? 0 : await this.#call(calls);
    return calls[done]?.index ?? index;
  }

  /** The plugins from this index on that can be called in one hop: those that follow one another, with the same hook. */
  #together(
    steps: readonly ParsedStep[],
    from: number,
  ): { step: ParsedPluginStep; plugin: PreparedPlugin | undefined }[] {
    const together: { step: ParsedPluginStep; plugin: PreparedPlugin | undefined }[] = [];
    for (const step of steps.slice(from, from + MAX_CHAIN)) {
      const [first] = together;
      if (!('plugin' in step) || (first !== undefined && first.step.hook !== step.hook)) {
        break;
      }
      together.push({ step, plugin: choosePlugin(step, this.#context) });
    }
    return together;
  }

  /** Calls plugins in one hop. Resolves how many of them need not be called again. */
  async #call(calls: readonly AdmittedCall[]): Promise<number> {
    const given = this.#context;
    let end;
    let worsened;
    try {
      end = await this.#hop(calls);
      worsened = await this.#check.worsened(given[this.#subject], end.context[this.#subject]);
    } catch (error) {
      this.#endAll(calls, () => 'unused');
      throw error instanceof HookcellError ? this.problem(this.#refusal(error)) : error;
    }
    const { last, context, responseData, called } = end;
    if (worsened !== undefined && called > 1) {
      // Which of them did it? Plugins keep no state, so they can be called again, one at a time.
      this.#endAll(calls, () => 'unused');
      return await this.#callOneByOne(calls);
    }
    const final = worsened === undefined ? last : this.#schemaFault(calls, worsened, last.usage);
    this.#endAll(calls, (index) => endOf(index, called, final.fault !== undefined));
    if (worsened === undefined) {
      this.#context = context;
      this.#responseData = responseData;
    }
    const culprit = calls[called - 1];
    if (!final.ok && culprit !== undefined) {
      await this.#judge(culprit, final);
    }
    return called;
  }

  async #hop(calls: readonly AdmittedCall[]): Promise<Hop> {
    const [{ step }] = calls as [AdmittedCall];
    const given = this.#context;
    const responseData = this.#responseData;
    const end = await callPlugins(
      this.#settings.runtime,
      calls.map(({ plugin }) => plugin),
      step.hook,
      { whole: { ...given }, callerText: this.#walk.callerText, dataText: responseData?.text },
      this.#callOptions(given),
    );
    const left = end.context;
    const input = left.input === given.input ? given.input : applyJsonChanges(given.input, given.input, left.input);
    const changed = left.data === given.data ? responseData : responseData?.withJson(left.data);
    return {
      ...end,
      responseData: changed,
      context: { ...given, input: input as object, data: changed === undefined ? left.data : changed.value },
    };
  }

  #callOptions({ tenant_id }: WholeContext<object>): PreparedCallOptions {
    const { signal, requestId, logger } = this.#walk;
    return { tenant: tenant_id ?? undefined, signal, requestId, logger };
  }

  async #callOneByOne(calls: readonly AdmittedCall[]): Promise<number> {
    for (const call of calls) {
      const kind = this.#settings.breaker.admit(call.plugin.key);
      await (kind === undefined ? this.#skip(call.step, call.plugin.key) : this.#call([{ ...call, kind }]));
    }
    return calls.length;
  }

  /** Passes over a plugin that did not accept, if its policy is open; otherwise throws. */
  async #judge({ step, plugin: { key: plugin } }: AdmittedCall, end: Rejected | Faulted): Promise<void> {
    const { stage } = this.#walk;
    if (end.fault === undefined) {
      const failure: RejectedFailure = { kind: 'rejected', stage, plugin, error: end.error, details: end.details };
      this.#pass(await verdictOf(step.onReject, failure, this.#context), failure);
    } else {
      const failure: FaultedFailure = { kind: 'faulted', stage, plugin, hook: step.hook, fault: end.fault };
      this.#pass(await verdictOf(step.onFault, failure, this.#context), failure);
    }
  }

  /** Passes over a plugin whose circuit is open, if its policy is open; otherwise throws. */
  async #skip({ hook, onFault }: ParsedPluginStep, plugin: string): Promise<void> {
    const retryAfterMs = this.#settings.breaker.skip(plugin);
    const failure = { kind: 'circuit-open', stage: this.#walk.stage, plugin, hook, retryAfterMs } as const;
    this.#pass(await verdictOf(onFault, failure, this.#context), failure);
  }

  #pass(verdict: Verdict, failure: HookFailure): void {
    const { notices } = this.#settings;
    if (verdict === 'open') {
      notices.passed(failure, this.#context.tenant_id, this.#walk);
      return;
    }
    if (failure.kind === 'circuit-open') {
      notices.refusedByCircuit();
    }
    throw this.problem(failure);
  }

  #endAll(calls: readonly AdmittedCall[], endOfCall: (index: number) => CallEnd): void {
    for (const [index, { plugin, kind }] of calls.entries()) {
      this.#settings.breaker.end(plugin.key, kind, endOfCall(index));
    }
  }

  #refusal(error: HookcellError): HookFailure {
    const { stage, clientInput } = this.#walk;
    return { kind: 'refused', stage, error, ofClient: this.#context.input === clientInput };
  }

  /** The fault that the runtime would have reported if it knew the schema. */
  #schemaFault([call]: readonly AdmittedCall[], problem: string, usage: Usage): Faulted {
    const message = `the ${this.#subject} does not match the schema: ${problem}`;
    const fault = { code: 'ERR_RESULT', message } as const;
    const faulted: Faulted = { ok: false, error: `WASM plugin failed: ${message}`, fault, usage };
    if (call !== undefined) {
      const tenant = this.#context.tenant_id ?? undefined;
      const about = { plugin: call.plugin.key, hook: call.step.hook, fault, usage, tenant };
      this.#settings.notices.faulted(about, this.#walk);
    }
    return faulted;
  }
}
