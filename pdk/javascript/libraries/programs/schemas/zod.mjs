import { z } from 'zod';

const order = z.object({
  email: z.email(),
  quantity: z.number().int().min(1).max(99),
  tags: z.array(z.string().trim().min(1)).default([]),
  kind: z.discriminatedUnion('type', [
    z.object({ type: z.literal('pickup'), shop: z.string() }),
    z.object({ type: z.literal('mail'), zip: z.string().regex(/^\d{5}$/) }),
  ]),
});

export const library = 'zod';
export const inputs = [
  { email: 'ada@example.com', quantity: 3, kind: { type: 'mail', zip: '12345' } },
  { email: 'ada', quantity: 0.5, tags: ['', ' x '], kind: { type: 'mail', zip: '1' } },
  { quantity: 100, kind: { type: 'drone' } },
];

export function use(input) {
  const { success, data, error } = order.safeParse(input);
  return success ? { data } : { issues: error.issues, tree: z.treeifyError(error) };
}
