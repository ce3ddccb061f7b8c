# package: python-dateutil
# with: six

from dateutil import parser, tz
from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, rrule

INPUTS = ["2026-11-27T10:00:00+02:00", "27 Nov 2026 4:05pm", "2024-02-29", "soon"]


def use(given):
    try:
        found = parser.parse(given, default=parser.isoparse("2026-01-01"))
    except parser.ParserError as error:
        return str(error)
    following = found + relativedelta(months=1, day=31)
    months = [each.isoformat() for each in rrule(MONTHLY, count=3, dtstart=found)]
    return found.isoformat(), following.isoformat(), months, str(found.replace(tzinfo=tz.tzoffset("x", 3600)))
