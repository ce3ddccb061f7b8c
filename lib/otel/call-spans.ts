import { context, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Attributes, Context, Tracer } from '@opentelemetry/api';

import { redacted } from '../grants/secrets.js';
import type { ObservedCall } from '../telemetry/observed-calls.js';

/** When a call or a chain began, and in which trace. */
interface Begin {
  readonly parent: Context;
  /** When its next plugin begins, in milliseconds since 1970. */
  next: number;
}

/** Makes a span for each call of a hook, also in a chain. */
export class CallSpans {
  readonly #tracer: Tracer;
  readonly #tenants: boolean;
  readonly #begun = new WeakMap<object, Begin>();

  constructor(tracer: Tracer, tenants: boolean) {
    this.#tracer = tracer;
    this.#tenants = tenants;
  }

  /** A call or a chain begins. */
  begin(message: object): void {
    this.#begun.set(message, { parent: context.active(), next: now() });
  }

  /** A call has ended. The plugins of a chain follow one another, as its result tells. */
  end(call: ObservedCall): void {
    const { message, usage, hook, outcome, code } = call;
    const begun = this.#begun.get(message);
    if (begun === undefined) {
      return;
    }
    const start = begun.next;
    const end = usage === undefined ? now() : start + usage.queueMs + usage.runMs;
    begun.next = end;
    const options = { kind: SpanKind.INTERNAL, startTime: start, attributes: this.#attributes(call) };
    const span = this.#tracer.startSpan(`hookcell ${hook}`, options, begun.parent);
    if (outcome !== 'accepted' && outcome !== 'rejected') {
      span.setAttribute('error.type', code ?? outcome);
      const reason = call.fault?.message ?? call.refusal;
      span.setStatus({ code: SpanStatusCode.ERROR, ...(reason === undefined ? {} : { message: redacted(reason) }) });
    }
    span.end(end);
  }

  #attributes({ plugin, hook, outcome, tenant, requestId, usage }: ObservedCall): Attributes {
    return {
      'hookcell.plugin': plugin,
      'hookcell.hook': hook,
      'hookcell.outcome': outcome,
      ...(requestId === undefined ? {} : { 'hookcell.request_id': requestId }),
      ...(tenant === undefined || !this.#tenants ? {} : { 'hookcell.tenant': tenant }),
      ...(usage === undefined
        ? {}
        : {
            'hookcell.queue_seconds': usage.queueMs / 1_000,
            'hookcell.memory_bytes': usage.memoryBytes,
            'hookcell.where': usage.where,
            ...(usage.fuel === null ? {} : { 'hookcell.fuel': usage.fuel }),
          }),
    };
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}
