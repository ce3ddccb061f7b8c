# package: sortedcontainers

from sortedcontainers import SortedDict, SortedList

INPUTS = [[3, 1, 2], []]


def use(given):
    values = SortedList(given)
    values.add(2)
    return list(values), values.bisect(2), list(SortedDict((str(n), n) for n in given).items())
