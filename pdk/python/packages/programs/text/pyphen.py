# package: pyphen

import pyphen

hyphens = pyphen.Pyphen(lang="en_US")

INPUTS = ["hyphenation", "a"]


def use(given):
    return hyphens.inserted(given)
