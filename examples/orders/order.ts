import { z } from 'zod';

/** What a client sends. */
export const newOrder = z.object({
  email: z.string().max(254),
  item: z.string().min(1).max(100),
  quantity: z.int().min(1),
});

export type NewOrder = z.infer<typeof newOrder>;

/** What the client gets back. A tenant's plugin may have added to it. */
export interface Order extends NewOrder {
  id: number;
}
