# package: tomlkit

import tomlkit

INPUTS = ["# kept\na = 1 # this, too\n[b]\nc = 'x'\n"]


def use(given):
    document = tomlkit.parse(given)
    document["b"]["d"] = [1, 2]
    return tomlkit.dumps(document), document.unwrap()
