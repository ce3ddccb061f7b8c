# package: iso8601

import iso8601

INPUTS = ["2026-11-27T10:00:00Z", "2026-11-27 10:00+02:00", "20261127T100000", "no"]


def use(given):
    try:
        return iso8601.parse_date(given).isoformat()
    except iso8601.ParseError as error:
        return str(error)
