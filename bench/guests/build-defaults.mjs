// Builds the modules in defaults/: the example of pdk/ with the settings that the compilers have by default. It needs those
// compilers, and installs what `npm run plugins` installs.
//
// It does not make AssemblyScript's: that module is kept from when the example was on json-as, as plugins of others are.
//
//   node bench/guests/build-defaults.mjs

import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask, cases } from '../../scripts/plugins/cases.mjs';
import { pdk } from '../../scripts/plugins/compiler.mjs';
import { Guest } from '../../scripts/plugins/guest.mjs';
import { rust } from '../../scripts/plugins/rust.mjs';
import { zig } from '../../scripts/plugins/zig.mjs';
import { main } from '../../scripts/build/command.mjs';
import { defaultFile } from './default-builds.mjs';

const builds = [
  // Of two sizes the linker takes the last.
  { language: rust, args: ['-Clink-arg=-zstack-size=1048576'] },
  { language: zig, args: withoutStack() },
];

await main(async () => {
  for (const { language, args } of builds) {
    const say = (text) => console.log(`${language.name}: ${text}`);
    const file = fileURLToPath(defaultFile(language.name));
    mkdirSync(path.dirname(file), { recursive: true });
    await language.build(file, say, args);
    const guest = new Guest(new WebAssembly.Module(readFileSync(file)));
    for (const { name, failure } of cases.map((each) => ask(guest, language.name, each))) {
      if (failure !== undefined) {
        throw new Error(`${file}: ${name}: ${failure}`);
      }
    }
  }
});

/** The arguments of the Zig example without the size of its stack. */
function withoutStack() {
  const args = readFileSync(path.join(pdk, 'zig', 'build.args'), 'utf8')
    .trim()
    .split(/\s+/);
  args.splice(args.indexOf('--stack'), 2);
  return args;
}
