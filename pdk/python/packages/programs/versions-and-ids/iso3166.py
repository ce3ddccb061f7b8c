# package: iso3166

from iso3166 import countries

INPUTS = ["de", "GBR", "840", "xx"]


def use(given):
    found = countries.get(given, None)
    return found and (found.name, found.alpha2, found.numeric)
