# package: isodate

import isodate

INPUTS = ["P1Y2M3DT4H5M6S", "PT36H", "P1W"]


def use(given):
    found = isodate.parse_duration(given)
    return isodate.duration_isoformat(found), str(found)
