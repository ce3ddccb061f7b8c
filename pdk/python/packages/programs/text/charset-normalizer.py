# package: charset-normalizer

from charset_normalizer import from_bytes

INPUTS = ["Bсеки човек има право на образование. Oбразованието трябва да бъде безплатно.", "Plain text of some length."]


def use(given):
    best = from_bytes(given.encode("utf-8")).best()
    return best.encoding, str(best)
