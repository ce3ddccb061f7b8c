"""Stands in for a module in C, so that packages can import `socket`. There are no sockets."""

has_ipv6 = False
AF_UNSPEC, AF_UNIX, AF_INET, AF_INET6, SOCK_STREAM, SOCK_DGRAM, SOL_SOCKET = 0, 1, 2, 10, 1, 2, 1
IPPROTO_IP, IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6 = 0, 1, 6, 17, 41
AI_PASSIVE, AI_ADDRCONFIG, EAI_NONAME, MSG_PEEK, NI_NUMERICHOST, SHUT_RD, SHUT_WR, SHUT_RDWR = 1, 32, -2, 2, 1, 0, 1, 2
SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_BROADCAST, SO_KEEPALIVE, TCP_NODELAY, IPV6_V6ONLY = 2, 3, 4, 6, 9, 1, 26


error = OSError
timeout = TimeoutError


class gaierror(OSError):
    pass


class herror(OSError):
    pass


def _refuse(*arguments, **others):
    raise PermissionError("a plugin has no sockets")


class socket:
    __slots__ = ()

    def __init__(self, *arguments, **others):
        _refuse()


SocketType = socket
dup = close = getaddrinfo = getnameinfo = gethostbyname = gethostbyaddr = getservbyname = _refuse
setdefaulttimeout = inet_aton = inet_ntoa = inet_pton = inet_ntop = _refuse


def gethostname():
    return "localhost"


def getdefaulttimeout():
    return None


def htons(number):
    return (number & 0xFF) << 8 | number >> 8


ntohs = htons


def htonl(number):
    return int.from_bytes(number.to_bytes(4, "little"))


ntohl = htonl
