import semver from 'semver';

export const library = 'semver';
export const inputs = [
  ['1.2.3', '^1.2.0'],
  ['2.0.0-beta.1', '>=1 <2 || 2.0.0-beta.x'],
  ['v1', '*'],
  ['1.10.0', '1.9 - 1.11'],
];

export function use([version, range]) {
  return [
    semver.valid(version),
    semver.satisfies(version, range),
    semver.inc(version, 'minor'),
    semver.validRange(range),
    semver.coerce(version),
    semver.rsort(['1.2.3', '1.10.0', '1.9.9-a']),
  ];
}
