// Compiled, not run: what authors write has types.

import { buildPlugin, reject } from '@hookcell/javascript';
import type { BuiltPlugin, Context, Hook, HookResult, Json, PluginBuildError } from '@hookcell/javascript';

interface Order {
  total: number;
  note?: string;
}

/** Mutates in place, and returns nothing. */
export const inPlace: Hook<Order> = (ctx) => {
  ctx.input.total = Math.round(ctx.input.total);
};

export const changes: Hook<Order, string[]> = ({ input, data }) => ({
  input: { ...input, note: 'x' },
  data: [...(data ?? []), 'y'],
});

export const rejects: Hook<Order> = async ({ input, user, headers, tenant_id: tenant }) => {
  const who: string = user?.id ?? tenant ?? headers['x-request-id'] ?? 'nobody';
  await Promise.resolve();
  return input.total > 5 ? reject('too much', [{ field: 'total', who }], 403) : undefined;
};

export const results: Hook = () => ({ ok: true, ctx: { data: null } });
export const patches: Hook = () => ({ ok: true, patch: [{ op: 'replace', path: '/input/a', value: 1 }] });

/** Functions have the types, too. */
export function asFunction(ctx: Context<Order, Json, { most: number }>): HookResult<Order> {
  return ctx.input.total > (ctx.config?.most ?? 1) ? reject('too much') : { input: { total: 1 } };
}
export const configured: Hook<Order, Json, { most: number }> = asFunction;

// @ts-expect-error -- a number is no result
export const wrongResult: Hook = () => 5;
// @ts-expect-error -- the input keeps its shape
export const wrongInput: Hook<Order> = () => ({ input: { total: '1' } });
// @ts-expect-error -- a rejection has a reason
export const noReason: Hook = () => ({ ok: false });
export const wrongUser: Hook = (ctx) => {
  // @ts-expect-error -- only input and data can change
  ctx.user = null;
};

export const built: Promise<BuiltPlugin> = buildPlugin(
  { entry: 'plugin.ts' },
  { samples: [{ input: { a: 1 } }], minify: true },
);
// @ts-expect-error -- a file or a text
export const unbuilt = buildPlugin({ file: 'plugin.ts' });
export const place = ({ file, line }: PluginBuildError): string => `${file ?? ''}:${line ?? 0}`;
