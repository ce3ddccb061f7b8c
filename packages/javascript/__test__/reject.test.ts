import { reject } from '@hookcell/javascript';

test('a rejection has a reason, and details only if there are any', () => {
  expect(reject('no')).toEqual({ ok: false, error: 'no' });
  expect(reject('no', [{ field: 'email' }])).toEqual({ ok: false, error: 'no', details: [{ field: 'email' }] });
});

test('the status of a rejection is the first of its details', () => {
  expect(reject('no', ['why'], 403)).toEqual({ ok: false, error: 'no', details: [{ status: 403 }, 'why'] });
  expect(reject('no', undefined, 403)).toEqual({ ok: false, error: 'no', details: [{ status: 403 }] });
});
