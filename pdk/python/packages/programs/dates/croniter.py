# package: croniter
# with: python-dateutil six pytz

from datetime import datetime

from croniter import croniter

INPUTS = ["*/5 * * * *", "0 9 * * mon-fri", "0 0 29 2 *"]


def use(given):
    times = croniter(given, datetime(2026, 11, 27, 10, 2))
    return [times.get_next(datetime).isoformat() for _ in range(3)]
