"""Stands in for a module in C, so that packages can import it beside something else. There is no compression."""

from binascii import crc32  # noqa: F401

MAX_WBITS, DEFLATED, DEF_MEM_LEVEL, DEF_BUF_SIZE = 15, 8, 8, 16384
Z_NO_COMPRESSION, Z_BEST_SPEED, Z_BEST_COMPRESSION, Z_DEFAULT_COMPRESSION = 0, 1, 9, -1
Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED = 0, 1, 2, 3, 4
Z_NO_FLUSH, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH, Z_BLOCK, Z_TREES = range(7)
ZLIB_VERSION = ZLIB_RUNTIME_VERSION = "none"


class error(Exception):
    pass


def _refuse(*arguments, **others):
    # Not `error`, which packages take for data that are damaged.
    raise RuntimeError("a plugin has no zlib: it can neither compress nor decompress")


compress = decompress = compressobj = decompressobj = _ZlibDecompressor = _refuse


def adler32(data, value=1):
    low, high = value & 0xFFFF, value >> 16 & 0xFFFF
    for byte in memoryview(data).cast("B"):
        low = (low + byte) % 65521
        high = (high + low) % 65521
    return high << 16 | low
