import { promisify } from 'node:util';
import zlib from 'node:zlib';

const inflate = promisify<Uint8Array, zlib.ZlibOptions, Buffer>(zlib.inflateRaw);

/** A file in a zip file, as its directory says. */
export interface ZipEntry {
  readonly name: string;
  /** Its bytes. */
  readonly size: number;
  readonly compressedSize: number;
  readonly crc: number;
  readonly flags: number;
  readonly method: number;
  /** Where its header is. */
  readonly at: number;
}

const endBytes = 22;
const mostComment = 0xff_ff;
const directoryBytes = 46;
const headerBytes = 30;
const signatures = { end: 0x06_05_4b_50, directory: 0x02_01_4b_50, header: 0x04_03_4b_50 };
const isEncrypted = 1;
const methods = { stored: 0, deflated: 8 };

/**
 * A zip file, whose files are decompressed when they are read, on a thread of libuv's pool. Nothing that it says of itself is
 * trusted: a file has the size and the checksum that the directory says, or it is refused.
 */
export class ZipFile {
  readonly #bytes: Buffer;
  /** The files, without folders. */
  readonly entries: ReadonlyMap<string, ZipEntry>;

  /** @throws {Error} that says what is wrong with the directory */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.entries = readDirectory(bytes);
  }

  /**
   * The bytes of a file.
   *
   * @throws {Error} that says what is wrong with it
   */
  async read(entry: ZipEntry): Promise<Buffer> {
    const { size, compressedSize, method } = entry;
    if ((entry.flags & isEncrypted) !== 0) {
      throw new Error('it is encrypted');
    }
    const begin = this.#dataOf(entry);
    const data = this.#bytes.subarray(begin, begin + compressedSize);
    if (data.length < compressedSize) {
      throw new Error('it is cut off');
    }
    if (method !== methods.stored && method !== methods.deflated) {
      throw new Error(`it is compressed with method ${method}`);
    }
    const bytes =
      method === methods.stored
        ? data
        : await inflate(data, { maxOutputLength: Math.max(size, 1) }).catch((cause: unknown) => {
            throw new Error('its data are damaged, or more than it says', { cause });
          });
    if (bytes.length !== size || zlib.crc32(bytes) !== entry.crc) {
      throw new Error('it has another size or checksum than it says');
    }
    return bytes;
  }

  /** Where the data of a file begin. */
  #dataOf({ name, at }: ZipEntry): number {
    const bytes = this.#bytes;
    if (at + headerBytes > bytes.length || bytes.readUInt32LE(at) !== signatures.header) {
      throw new Error('it is not where the directory says');
    }
    const nameEnd = at + headerBytes + bytes.readUInt16LE(at + 26);
    if (bytes.toString('utf8', at + headerBytes, nameEnd) !== name) {
      throw new Error('it has another name than in the directory');
    }
    return nameEnd + bytes.readUInt16LE(at + 28);
  }
}

function readDirectory(bytes: Buffer): Map<string, ZipEntry> {
  const end = findEnd(bytes);
  const count = bytes.readUInt16LE(end + 10);
  const entries = new Map<string, ZipEntry>();
  let at = bytes.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (at + directoryBytes > end || bytes.readUInt32LE(at) !== signatures.directory) {
      throw new Error('its directory is damaged');
    }
    const nameEnd = at + directoryBytes + bytes.readUInt16LE(at + 28);
    const name = bytes.toString('utf8', at + directoryBytes, nameEnd);
    if (entries.has(name)) {
      throw new Error(`it has ${JSON.stringify(name.slice(0, 200))} twice`);
    }
    if (!name.endsWith('/')) {
      entries.set(name, {
        name,
        flags: bytes.readUInt16LE(at + 8),
        method: bytes.readUInt16LE(at + 10),
        crc: bytes.readUInt32LE(at + 16),
        compressedSize: bytes.readUInt32LE(at + 20),
        size: bytes.readUInt32LE(at + 24),
        at: bytes.readUInt32LE(at + 42),
      });
    }
    at = nameEnd + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

/** Where the record is that ends a zip file, before a comment. */
function findEnd(bytes: Buffer): number {
  const last = bytes.length - endBytes;
  for (let at = last; at >= Math.max(0, last - mostComment); at -= 1) {
    if (bytes.readUInt32LE(at) === signatures.end && at + endBytes + bytes.readUInt16LE(at + 20) === bytes.length) {
      return at;
    }
  }
  throw new Error('it has no directory');
}
