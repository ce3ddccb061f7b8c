# package: arrow
# with: python-dateutil six tzdata

import arrow

INPUTS = ["2026-11-27T10:00:00+02:00", "2024-02-29"]


def use(given):
    found = arrow.get(given)
    return (
        found.isoformat(),
        found.shift(months=+1).format("YYYY-MM-DD"),
        found.floor("week").isoformat(),
        found.humanize(arrow.get("2026-11-28")),
    )
