# package: tomli

import tomli

INPUTS = ["a = 1\n[b]\nc = ['x', 'y']\nd = 2026-11-27\n", "a = "]


def use(given):
    try:
        found = tomli.loads(given)
    except tomli.TOMLDecodeError as error:
        return str(error)
    return {**found, "b": {**found["b"], "d": found["b"]["d"].isoformat()}}
