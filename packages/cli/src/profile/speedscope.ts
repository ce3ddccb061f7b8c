import type { Sample } from './samples.js';

/** A function of a profile. */
interface Frame {
  readonly name: string;
  readonly file?: string;
}

/** The samples in the format of speedscope (https://www.speedscope.app), with fuel as the weight. */
export function speedscope(name: string, samples: readonly Sample[]): object {
  const frames: Frame[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (text: string): number => {
    const frame = frameOf(text);
    const key = JSON.stringify(frame);
    let index = indexes.get(key);
    if (index === undefined) {
      index = frames.push(frame) - 1;
      indexes.set(key, index);
    }
    return index;
  };
  const stacks = samples.map(({ stack }) => stack.map(indexOf));
  const weights = samples.map(({ weight }) => weight);
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    name,
    exporter: 'hookcell',
    activeProfileIndex: 0,
    shared: { frames },
    profiles: [
      {
        type: 'sampled',
        name: `fuel of ${name}`,
        unit: 'none',
        startValue: 0,
        endValue: weights.reduce((sum, weight) => sum + weight, 0),
        samples: stacks,
        weights,
      },
    ],
  };
}

/** The function of a line of a backtrace: `total (src/lib.rs:3:5)` or `total (wasm offset 0x1f)`. */
function frameOf(text: string): Frame {
  const [, name = text, location = ''] = /^(.*?) \(([^()]*)\)$/.exec(text) ?? [];
  const [, file] = /^(.+?):\d+(?::\d+)?$/.exec(location) ?? [];
  return file === undefined ? { name } : { name, file };
}
