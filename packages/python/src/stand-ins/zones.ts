import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A tz database: where the bytes of each zone are. */
interface Zones {
  readonly places: ReadonlyMap<string, readonly [number, number]>;
  readonly bytes: Buffer;
}

const file = path.join(__dirname, '../zones/zones');

let read: Zones | undefined;

/**
 * The names of zones, sorted.
 *
 * @param zoneinfo `true` for all
 * @throws {TypeError} if it is neither a boolean nor a list of zones
 */
export function parseZones(zoneinfo: unknown): readonly string[] {
  if (zoneinfo === undefined || zoneinfo === false) {
    return [];
  }
  if (zoneinfo === true) {
    return [...readZones().places.keys()];
  }
  if (!Array.isArray(zoneinfo) || zoneinfo.some((zone) => typeof zone !== 'string')) {
    throw new TypeError("zoneinfo must be true, false or an array of zones, such as ['Europe/Berlin']");
  }
  const { places } = readZones();
  const unknown = (zoneinfo as string[]).find((zone) => !places.has(zone));
  if (unknown !== undefined) {
    throw new TypeError(`zoneinfo has no zone ${JSON.stringify(unknown.slice(0, 100))}: names are as in Europe/Berlin`);
  }
  return [...new Set(zoneinfo as string[])].toSorted();
}

/** The bytes of zones, and where each is among them: zones with the same rules share theirs. */
export function zoneData(zones: readonly string[]): { places: Record<string, [number, number]>; bytes: Buffer } {
  const { places, bytes } = readZones();
  const parts: Buffer[] = [];
  const taken = new Map<number, [number, number]>();
  let end = 0;
  const found: Record<string, [number, number]> = {};
  for (const zone of zones) {
    const [from, to] = places.get(zone)!;
    let place = taken.get(from);
    if (place === undefined) {
      place = [end, end + to - from];
      taken.set(from, place);
      parts.push(bytes.subarray(from, to));
      end += to - from;
    }
    found[zone] = place;
  }
  return { places: found, bytes: Buffer.concat(parts) };
}

function readZones(): Zones {
  if (read === undefined) {
    const bytes = readFileSync(file);
    const begin = 4 + bytes.readUInt32LE(0);
    const index = JSON.parse(bytes.toString('utf8', 4, begin)) as Record<string, [number, number]>;
    read = { places: new Map(Object.entries(index)), bytes: bytes.subarray(begin) };
  }
  return read;
}
