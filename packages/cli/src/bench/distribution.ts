/** How values are distributed. */
export interface Distribution {
  readonly min: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** The distribution of at least one value. */
export function distributionOf(values: readonly number[]): Distribution {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { min: at(0), median: at(0.5), p95: at(0.95), max: at(1) };
}
