import { HookcellError } from '../../errors.js';
import type { Manifest, PluginEntry } from '../manifest/entry.js';
import { readManifest } from '../manifest/manifest-source.js';
import { parseManifest } from '../manifest/parse-manifest.js';
import type { SetSettings } from '../options/set-options.js';
import { digestOf } from '../store/digest.js';
import type { PluginStore, StoredManifest } from '../store/plugin-store.js';
import type { KeptVersion } from '../store/state-file.js';
import { readTrustedKeys } from '../trust/trusted-keys.js';
import { trustAfter, trustIn } from '../trust/signature.js';
import type { ManifestTrust } from '../trust/signature.js';
import { versionId } from '../versions/version-id.js';

/** A manifest that may be used. */
export interface ReadManifest extends Manifest {
  readonly sha256: string;
  readonly trust: ManifestTrust;
  readonly stored: StoredManifest;
}

/** Reads manifests, and refuses those that are not trusted. */
export class ManifestReader {
  readonly #settings: SetSettings;
  readonly #store: PluginStore | undefined;

  constructor(settings: SetSettings, store: PluginStore | undefined) {
    this.#settings = settings;
    this.#store = store;
  }

  /** The bytes of the manifest and its signature, as they are now. */
  async raw(): Promise<StoredManifest> {
    return await readManifest(this.#settings.manifest, this.#settings.bounds);
  }

  /**
   * Checks a manifest. Nothing of it is used before its signature is checked.
   *
   * @param taken - the highest serial number that the set has taken; 0 for a manifest that the set had before
   * @throws {@link HookcellError} `ERR_SIGNATURE` or `ERR_MANIFEST`
   */
  async check(stored: StoredManifest, taken: number): Promise<ReadManifest> {
    const { manifest, requireSigned, trustedKeys } = this.#settings;
    const keys = await readTrustedKeys(trustedKeys);
    const trust = trustAfter(trustIn(stored.bytes, stored.signature, keys), taken);
    if (requireSigned && trust.status !== 'signed') {
      const key = trust.keyId === undefined ? '' : ` (key ${trust.keyId})`;
      const numbers =
        trust.status === 'outdated' ? ` (${trust.serial} after ${taken}): sign it again to go back to it` : '';
      throw new HookcellError(
        'ERR_SIGNATURE',
        `${manifest.path} is ${trust.status}, and require is 'signed': the ${trust.check}${numbers}${key}`,
      );
    }
    const sha256 = await digestOf(stored.bytes);
    return { ...parseManifest(stored.bytes, manifest.path), sha256, trust, stored };
  }

  /**
   * The entry of a version that ran earlier, from the manifest that it was in. That manifest is checked like any other.
   *
   * @throws {@link HookcellError} `ERR_NO_VERSION` if the manifest is not kept any more, or what {@link ManifestReader.check} throws
   */
  async entryOf(name: string, version: KeptVersion): Promise<PluginEntry> {
    const entry = await this.keptEntry(name, version);
    if (entry === undefined) {
      const { id } = version;
      throw new HookcellError('ERR_NO_VERSION', `the manifest of the version ${id} of '${name}' is not kept any more`);
    }
    return entry;
  }

  /** {@link ManifestReader.entryOf}, or `undefined` if the manifest is not kept or has no such version. */
  async keptEntry(name: string, { id, manifest }: Omit<KeptVersion, 'sha256'>): Promise<PluginEntry | undefined> {
    const stored = await this.#store?.manifest(manifest, this.#settings.bounds.maxManifestBytes);
    const plugins = stored === undefined ? [] : (await this.check(stored, 0)).plugins;
    return plugins.find((each) => each.name === name && each.enabled && versionId(each) === id);
  }
}
