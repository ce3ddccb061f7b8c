import { homedir } from 'node:os';
import path from 'node:path';

/** The folder for what this command can make again: compiled plugins, and its own compiled JavaScript. */
export function cacheHome(): string {
  const { HOOKCELL_CACHE_DIR, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (isSet(HOOKCELL_CACHE_DIR)) {
    return path.resolve(HOOKCELL_CACHE_DIR);
  }
  if (process.platform === 'win32' && isSet(LOCALAPPDATA)) {
    return path.join(LOCALAPPDATA, 'hookcell');
  }
  if (isSet(XDG_CACHE_HOME) && path.isAbsolute(XDG_CACHE_HOME)) {
    return path.join(XDG_CACHE_HOME, 'hookcell');
  }
  return path.join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache', 'hookcell');
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
