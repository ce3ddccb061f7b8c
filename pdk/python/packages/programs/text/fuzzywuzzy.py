# package: fuzzywuzzy

import warnings

warnings.simplefilter("ignore")

from fuzzywuzzy import fuzz, process

INPUTS = [["new york mets", "new york meats"], ["fuzzy wuzzy", "wuzzy fuzzy"]]


def use(given):
    left, right = given
    return fuzz.ratio(left, right), fuzz.token_sort_ratio(left, right), process.extractOne(left, [right, "other"])
