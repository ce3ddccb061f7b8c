# package: xmltodict
# because: `pyexpat` is left out of the engine

import xmltodict

INPUTS = ["<a><b>1</b><b>2</b></a>"]


def use(given):
    return xmltodict.parse(given)
