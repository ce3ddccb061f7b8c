import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { run, runNpm } from '../build/command.mjs';

/**
 * Serves packed packages on this machine as npm's registry will have them, and sends questions about all others on to the
 * registry that npm is configured for.
 *
 * @param {string[]} tarballs
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function startRegistry(tarballs) {
  const elsewhere = (await runNpm(['config', 'get', 'registry'], { output: 'capture' })).trim();
  const packages = await readPackages(tarballs);
  const server = createServer((request, response) => {
    const asked = decodeURIComponent(new URL(request.url, 'http://localhost').pathname).slice(1);
    const tarball = tarballs.find((file) => asked === pathOf(file));
    const found = packages.find(({ name }) => name === asked);
    if (tarball !== undefined) {
      response.end(readFileSync(tarball));
    } else if (found === undefined) {
      response.writeHead(307, { location: new URL(request.url.slice(1), elsewhere).href }).end();
    } else {
      response.setHeader('cache-control', 'no-store');
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(documentOf(found, `http://${request.headers.host}/`)));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function readPackages(tarballs) {
  const packages = [];
  for (const file of tarballs) {
    const manifest = JSON.parse(await run('tar', ['-xzOf', file, 'package/package.json'], { output: 'capture' }));
    packages.push({ file, name: manifest.name, manifest });
  }
  // What `napi pre-publish` writes into the package: its addons, of which npm installs the one for the system.
  const addons = packages.filter(({ name }) => name.startsWith('@hookcell/binding-'));
  const core = packages.find(({ name }) => name === 'hookcell');
  core.manifest.optionalDependencies = Object.fromEntries(addons.map(({ name, manifest }) => [name, manifest.version]));
  return packages;
}

/** What a registry says about a package. */
function documentOf({ file, name, manifest }, url) {
  const integrity = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  const { version } = manifest;
  const release = { ...manifest, dist: { tarball: new URL(pathOf(file), url).href, integrity } };
  return { name, 'dist-tags': { latest: version }, versions: { [version]: release } };
}

function pathOf(tarball) {
  return `tarballs/${path.basename(tarball)}`;
}
