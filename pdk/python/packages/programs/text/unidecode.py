# package: unidecode

from unidecode import unidecode

INPUTS = ["Straße", "北京", "Ελλάδα", "plain"]


def use(given):
    return unidecode(given)
