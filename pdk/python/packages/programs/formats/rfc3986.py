# package: rfc3986

import rfc3986

INPUTS = ["HTTPS://Example.com:443/a/../b?q#f", "//x", "a b"]


def use(given):
    found = rfc3986.uri_reference(given)
    return found.scheme, found.authority, found.normalize().unsplit(), rfc3986.is_valid_uri(given)
