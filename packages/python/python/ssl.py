"""Stands in for a module that needs one in C, so that packages can import what connects to servers. There are no connections."""

CERT_NONE, CERT_OPTIONAL, CERT_REQUIRED = 0, 1, 2
PROTOCOL_TLS, PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER = 2, 16, 17
OP_NO_SSLv2, OP_NO_SSLv3, OP_NO_TLSv1, OP_NO_TLSv1_1, OP_NO_COMPRESSION, OP_NO_TICKET = 0, 1 << 25, 1 << 26, 1 << 28, 1 << 17, 1 << 14
HAS_SNI = HAS_ALPN = HAS_TLSv1_3 = False
OPENSSL_VERSION, OPENSSL_VERSION_NUMBER, OPENSSL_VERSION_INFO = "none", 0, (0, 0, 0, 0, 0)


class SSLError(OSError):
    pass


class SSLZeroReturnError(SSLError):
    pass


class SSLWantReadError(SSLError):
    pass


class SSLWantWriteError(SSLError):
    pass


class SSLSyscallError(SSLError):
    pass


class SSLEOFError(SSLError):
    pass


class SSLCertVerificationError(SSLError, ValueError):
    pass


CertificateError = SSLCertVerificationError


def _refuse(*arguments, **others):
    raise PermissionError("a plugin has no connections")


class SSLContext:
    def __init__(self, *arguments, **others):
        _refuse()


class SSLSocket:
    def __init__(self, *arguments, **others):
        _refuse()


class SSLObject(SSLSocket):
    pass


class MemoryBIO(SSLSocket):
    pass


create_default_context = _create_stdlib_context = _create_unverified_context = get_server_certificate = get_default_verify_paths = _refuse
