// Packs what a release publishes for this system into target/pack/: the package, the package of its addon, the other packages of the
// workspace, the kit of AssemblyScript, and the crates of the kit of Rust.
//
//   npm run pack [-- --prebuilt] [--verify]
//
// --prebuilt uses the addon in native/ as it is. --verify installs the packages in empty folders, uses them there, makes plugins
// there with the command, and does what the tutorials say.

import { statSync } from 'node:fs';
import path from 'node:path';
import { addonFile } from './build/addon.mjs';
import { main, root, run } from './build/command.mjs';
import { packAssemblyScriptKit, packCrates } from './build/kits.mjs';
import { packAddon, packPackage, packPackages } from './build/tarball.mjs';
import { emptyTally, format, parse, sum, withFailure } from './suites/tally.mjs';

await main(async () => {
  const options = process.argv.slice(2);
  await run(process.execPath, ['scripts/setup.mjs', ...options.filter((option) => option === '--prebuilt')]);
  const tarballs = [await packPackage(), await packAddon(addonFile())];
  const others = await packPackages();
  const kit = await packAssemblyScriptKit();
  for (const tarball of [...tarballs, ...others, kit, ...(await packCrates())]) {
    const megabytes = (statSync(tarball).size / 1e6).toFixed(2);
    console.log(`${path.relative(root, tarball)}  ${megabytes} MB`);
  }
  if (options.includes('--verify')) {
    await verify(tarballs, others, kit);
  }
});

async function verify(tarballs, others, kit) {
  const total = sum([
    await tallyOf(['scripts/verify-pack.mjs', ...tarballs]),
    await tallyOf(['scripts/verify-packages.mjs', ...tarballs, ...others]),
    await tallyOf(['scripts/verify-cli.mjs', ...tarballs, ...others, kit]),
    await tallyOf(['scripts/verify-tutorials.mjs', ...tarballs, ...others, kit]),
  ]);
  console.log(format(total));
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/** What a script of checks counts in its last line. */
async function tallyOf(args) {
  let tally;
  const output = (line) => {
    tally = parse(line) ?? tally;
    console.log(line);
  };
  try {
    await run(process.execPath, args, { output });
    return tally ?? withFailure(emptyTally());
  } catch {
    return withFailure(tally ?? emptyTally());
  }
}
