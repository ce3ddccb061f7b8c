import { bufferCount, concatMap, firstValueFrom, from, reduce, scan, toArray, zip } from 'rxjs';

export const library = 'rxjs';
export const inputs = [[1, 2, 3, 4, 5], []];

export async function use(input) {
  const sums = from(input).pipe(
    scan((sum, n) => sum + n, 0),
    bufferCount(2),
    concatMap((pair) => Promise.resolve(pair)),
    toArray(),
  );
  const total = from(input).pipe(reduce((sum, n) => sum + n, 0));
  return firstValueFrom(zip(sums, total));
}
