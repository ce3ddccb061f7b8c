/** What the name of a wheel says. */
export interface WheelName {
  /** The package's name, in lower case and with hyphens. */
  readonly name: string;
  readonly version: string;
  /** For which Python, ABI and platform it is: `py3-none-any`. */
  readonly tag: string;
  readonly isPure: boolean;
}

/** `{distribution}-{version}(-{build})?-{python}-{abi}-{platform}.whl`; undefined if it is another name. */
export function parseWheelName(file: string): WheelName | undefined {
  const parts = /^(.+)\.whl$/.exec(file)?.[1]?.split('-') ?? [];
  const [python, abi, platform] = parts.slice(-3);
  if (parts.length < 5 || parts.length > 6) {
    return undefined;
  }
  return {
    name: parts[0]!.replaceAll(/[-_.]+/g, '-').toLowerCase(),
    version: parts[1]!,
    tag: [python, abi, platform].join('-'),
    isPure: isPureTag(python!, abi!, platform!),
  };
}

/** Is it for each machine, and for Python 3? */
export function isPureTag(python: string, abi: string, platform: string): boolean {
  return abi === 'none' && platform === 'any' && python.split('.').some((tag) => /^(?:py|cp)3/.test(tag));
}

const spelled: Readonly<Record<string, string>> = { alpha: 'a', beta: 'b', c: 'rc', pre: 'rc', preview: 'rc' };

/** The same text for versions that are the same: `1.0`, `v1` and `1.0.0`; `2.0-Beta1` and `2b1`. */
export function canonicalVersion(version: string): string {
  const text = version.toLowerCase().replace(/^v/, '').replaceAll('_', '-');
  const [, release = text, rest = ''] = /^((?:\d+!)?\d+(?:\.\d+)*)(.*)$/.exec(text) ?? [];
  const pre = rest.replace(
    /^[.-]?(alpha|beta|preview|pre|rc|a|b|c)[.-]?(\d*)/,
    (_, word: string, number: string) => `${spelled[word] ?? word}${Number(number)}`,
  );
  return `${release.replace(/(?:\.0+)+$/, '')}${pre}`;
}
