import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The files of the plugin kits that this package carries, so that a project can be made without the network. */
const KITS = path.join(__dirname, '../kits');

/** The text of a file of a kit. */
export function kitFile(...names: readonly string[]): string {
  return readFileSync(path.join(KITS, ...names), 'utf8');
}

/** The files of a folder of a kit, by their paths in a project. */
export function kitFolder(folder: string, home: string): Record<string, string> {
  const names = readdirSync(path.join(KITS, folder));
  return Object.fromEntries(names.map((name) => [`${home}/${name}`, kitFile(folder, name)]));
}

/** The compiler's arguments that a kit recommends, one on each line. */
export function kitArguments(language: string): string[] {
  return kitFile(language, 'build.args').trim().split(/\s+/);
}
