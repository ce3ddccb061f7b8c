const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * A number from 0 to less than 1 for a tenant or user, always the same for the same plugin. Those below the share get the version with
 * the share, so a growing share only adds to them. Different plugins put a tenant at different numbers.
 */
export function positionOf(plugin: string, key: string): number {
  let hash = FNV_OFFSET;
  const text = `${plugin}\0${key}`;
  for (let index = 0; index < text.length; index += 1) {
    // Code units are exact here, because equal texts have equal code units.
    // oxlint-disable-next-line unicorn/prefer-code-point
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  return mixed(hash) / 2 ** 32;
}

/** Spreads a hash over all bits, so that keys that differ in their last letter are far apart (the finalizer of MurmurHash3). */
function mixed(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
