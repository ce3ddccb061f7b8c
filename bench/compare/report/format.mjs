// How the tables write figures. What was not measured is an empty cell.

export function microseconds(value) {
  return value === undefined ? '' : `${value.toLocaleString('en', { maximumFractionDigits: 1 })} µs`;
}

export function milliseconds(value) {
  return value === undefined ? '' : `${value.toFixed(1)} ms`;
}

export function megabytes(bytes) {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function count(value) {
  return value === undefined ? '' : Math.round(value).toLocaleString('en');
}

/** A ratio, to three digits. */
export function times(value) {
  return value === undefined ? '' : String(Number(value.toPrecision(3)));
}

export function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}
