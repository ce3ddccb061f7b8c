# package: humanize

import humanize

INPUTS = [0, 999, 1_500_000, 12_345_678_901]


def use(given):
    return (
        humanize.intcomma(given),
        humanize.intword(given),
        humanize.naturalsize(given),
        humanize.ordinal(given),
    )
