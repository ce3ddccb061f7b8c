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

/** The folder for compiled plugins and engines, a `cacheDir` of the host. */
export function pluginCache(): string {
  return path.join(cacheHome(), 'plugins');
}

/** Calls a function with that folder, and without it if the host refuses it: only this user may be able to write to it. */
export async function withPluginCache<T>(work: (cacheDir: string | undefined) => Promise<T>): Promise<T> {
  try {
    return await work(pluginCache());
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_CACHE_DIR') {
      return await work(undefined);
    }
    throw error;
  }
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
