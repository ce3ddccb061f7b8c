# package: textdistance

import textdistance

INPUTS = [["kitten", "sitting"], ["", "a"], ["martha", "marhta"]]


def use(given):
    names = ["levenshtein", "jaro_winkler", "jaccard", "hamming"]
    return [round(getattr(textdistance, name)(*given), 9) for name in names]
