# package: aniso8601

import aniso8601

INPUTS = ["2026-W48-5", "2026-331", "2026-11-27"]


def use(given):
    return aniso8601.parse_date(given).isoformat(), str(aniso8601.parse_duration("P1DT2H"))
