# package: more-itertools

import more_itertools

INPUTS = [[1, 2, 3, 4, 5, 6, 7], []]


def use(given):
    return (
        list(more_itertools.chunked(given, 3)),
        list(more_itertools.windowed(given, 2)),
        more_itertools.first(given, None),
        [list(each) for each in more_itertools.split_when(given, lambda a, b: b % 3 == 0)],
    )
