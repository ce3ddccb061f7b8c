/** `1,234,567` */
export function count(value: number): string {
  // Intl.NumberFormat takes 10 ms to start.
  return String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 page`, `2 pages` */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${value === 1 ? noun : `${noun}s`}`;
}

/** `512 B`, `1.2 KB`, `3.4 MB` */
export function size(bytes: number): string {
  if (bytes < 1_000) {
    return `${bytes} B`;
  }
  return bytes < 1_000_000 ? `${(bytes / 1e3).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Milliseconds with three digits that count. */
export function milliseconds(value: number): string {
  return `${value >= 100 ? count(value) : value.toPrecision(value < 0.01 ? 1 : 3)} ms`;
}

/** `12 %`, `under 1 %` */
export function share(part: number, total: number): string {
  const percent = (part / total) * 100;
  return percent > 0 && percent < 1 ? 'under 1 %' : `${percent.toFixed(0)} %`;
}
