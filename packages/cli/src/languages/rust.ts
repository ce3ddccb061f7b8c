import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';

import { BuildFailure } from './build-failure.js';
import { kitFile } from './kit.js';
import type { Language } from './language.js';
import { packageManifest } from './package-manifest.js';
import { compile, versionOf } from './program.js';

const TARGET = 'wasm32-unknown-unknown';

/** The linker's default stack is 1 MiB, sixteen pages of memory in every call. */
const STACK = `target.${TARGET}.rustflags=["-C", "link-arg=-zstack-size=65536"]`;

export const rust: Language = {
  name: 'rust',
  entry: 'src/lib.rs',
  tools: [
    [
      {
        name: 'cargo',
        install: "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh",
        find: (folder) => versionOf('cargo', ['--version'], folder),
      },
    ],
    [{ name: `Rust's library for ${TARGET}`, install: `rustup target add ${TARGET}`, find: findTarget }],
  ],

  async build({ output, folder }) {
    // Flags in the environment would replace the size of the stack.
    const env = { ...process.env, RUSTFLAGS: undefined, CARGO_ENCODED_RUSTFLAGS: undefined };
    const args = ['build', '--release', '--lib', '--target', TARGET, '--config', STACK];
    const said = await compile('cargo', [...args, '--message-format=json-render-diagnostics'], folder, env);
    const module = said.split('\n').flatMap(modulesIn).at(-1);
    if (module === undefined) {
      throw new BuildFailure('cargo built no .wasm file; Cargo.toml needs [lib] crate-type = ["cdylib"]');
    }
    await copyFile(module, output);
  },

  files: (name) => ({
    'package.json': packageManifest(name),
    'Cargo.toml': cargoManifest(name),
    'src/lib.rs': kitFile('rust', 'closed_on_sundays.rs'),
  }),
};

async function findTarget(folder: string): Promise<string | undefined> {
  const directory = await versionOf('rustc', ['--print', 'target-libdir', '--target', TARGET], folder);
  return directory !== undefined && existsSync(path.join(directory)) ? 'installed' : undefined;
}

/** The modules that a message of cargo names. */
function modulesIn(line: string): string[] {
  const message = line.startsWith('{') ? (JSON.parse(line) as { reason?: string; filenames?: string[] }) : {};
  return message.reason === 'compiler-artifact'
    ? (message.filenames ?? []).filter((file) => file.endsWith('.wasm'))
    : [];
}

function cargoManifest(name: string): string {
  return `[package]
name = "${name.replaceAll(/[^\w-]/g, '-')}"
version = "0.1.0"
edition = "2024"
publish = false

[lib]
crate-type = ["cdylib"]

[dependencies]
hookcell-pdk = "0.1"
serde = { version = "1", features = ["derive"] }

[profile.release]
opt-level = "s"
lto = true
codegen-units = 1
panic = "abort"
strip = true
`;
}
