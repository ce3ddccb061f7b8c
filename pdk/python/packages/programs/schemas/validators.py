# package: validators

import validators

INPUTS = ["ada@example.com", "https://example.com/a?b=c", "192.168.0.1", "::1", "DE89370400440532013000", "4242424242424242", "no"]


def use(given):
    checks = [validators.email, validators.url, validators.ipv4, validators.ipv6, validators.iban, validators.card.visa]
    return [check(given) is True for check in checks]
