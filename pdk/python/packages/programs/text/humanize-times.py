# package: humanize
# variant: times
# because: it asks for the time, which a hook has only with `now`

import datetime

import humanize

INPUTS = [90_061]


def use(given):
    return humanize.precisedelta(datetime.timedelta(seconds=given))
