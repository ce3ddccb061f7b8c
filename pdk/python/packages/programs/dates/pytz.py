# package: pytz

from datetime import datetime

import pytz

INPUTS = ["UTC", "Europe/Berlin", "Mars/Base"]


def use(given):
    try:
        return pytz.timezone(given).localize(datetime(2026, 7, 1)).isoformat()
    except pytz.UnknownTimeZoneError as error:
        return str(error)
