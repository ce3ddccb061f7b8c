// Two of the largest libraries of their kind, whole: a schema of zod, and an address checked by validator.
import validator from 'validator';
import * as z from 'zod';

const schema = z.object({
  email: z.string().trim().toLowerCase(),
  name: z.string().min(1).max(200),
  items: z.array(z.object({ sku: z.string(), quantity: z.int().min(1), price: z.int(), note: z.string() })),
});

export function before_hook({ input }) {
  const { success, data, error } = schema.safeParse(input);
  if (!success) {
    return { ok: false, error: 'the input is not valid', details: error.issues.map(({ message }) => message) };
  }
  return validator.isEmail(data.email) ? { input: data } : { ok: false, error: 'email is not valid' };
}
