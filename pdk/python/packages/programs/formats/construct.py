# package: construct

from construct import Const, GreedyRange, Int16ub, Int8ub, Struct

record = Struct("magic" / Const(b"HC"), "count" / Int16ub, "rest" / GreedyRange(Int8ub))

INPUTS = ["4843000301020304"]


def use(given):
    found = record.parse(bytes.fromhex(given))
    return found.count, list(found.rest), record.build(dict(count=5, rest=[1])).hex()
