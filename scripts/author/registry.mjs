import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';
import { runNpm } from '../build/command.mjs';

/**
 * Serves packed packages on this machine as npm's registry will have them, and sends questions about all others on to the
 * registry that npm is configured for.
 *
 * @param {string[]} tarballs
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function startRegistry(tarballs) {
  const elsewhere = (await runNpm(['config', 'get', 'registry'], { output: 'capture' })).trim();
  const packages = new Map();
  for (const file of tarballs) {
    const manifest = await manifestOf(file);
    packages.set(manifest.name, { manifest, file });
  }
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url, 'http://localhost').pathname).slice(1);
    const tarball = tarballs.find((file) => asked === `tarballs/${path.basename(file)}`);
    if (tarball !== undefined) {
      response.end(readFileSync(tarball));
    } else if (packages.has(asked)) {
      response.setHeader('cache-control', 'no-store');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(documentOf(asked)));
    } else {
      response.writeHead(307, { location: new URL(request.url.slice(1), elsewhere).href }).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/`;
  return {
    url,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };

  function documentOf(name) {
    const { manifest, file } = packages.get(name);
    const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
    const dist = { tarball: `${url}tarballs/${path.basename(file)}`, integrity };
    const { version } = manifest;
    const versions = { [version]: { ...manifest, ...addonsOf(name), dist } };
    return { name, 'dist-tags': { latest: version }, versions };
  }

  /** What `napi pre-publish` writes into the package: its addons, of which npm installs the one for the system. */
  function addonsOf(name) {
    const addons = [...packages.values()]
      .map(({ manifest }) => manifest)
      .filter((each) => each.name.includes('/binding-'));
    return name === 'hookcell'
      ? { optionalDependencies: Object.fromEntries(addons.map((addon) => [addon.name, addon.version])) }
      : {};
  }
}

async function manifestOf(tarball) {
  const { stdout } = await promisify(execFile)('tar', ['-xzOf', tarball, 'package/package.json']);
  return JSON.parse(stdout);
}
