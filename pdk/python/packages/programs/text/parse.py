# package: parse

import parse

pattern = parse.compile("{name} has {count:d} items, worth {price:.2f}")

INPUTS = ["Ada has 3 items, worth 4.50", "nobody"]


def use(given):
    found = pattern.parse(given)
    return found and found.named
