# package: shortuuid
# variant: random
# because: a hook has no randomness without `seed`

import shortuuid

INPUTS = [None]


def use(given):
    return len(shortuuid.uuid())
