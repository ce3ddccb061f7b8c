# package: lark

from lark import Lark, Transformer
from lark.exceptions import UnexpectedInput

parser = Lark(
    r"""
    ?sum: product | sum "+" product -> add | sum "-" product -> sub
    ?product: atom | product "*" atom -> mul
    ?atom: /[0-9]+/ -> number | "(" sum ")"
    WS: /[ \t]+/
    %ignore WS
    """,
    start="sum",
    parser="lalr",
)


class Sum(Transformer):
    def number(self, found):
        return int(found[0])

    def add(self, found):
        return found[0] + found[1]

    def sub(self, found):
        return found[0] - found[1]

    def mul(self, found):
        return found[0] * found[1]


INPUTS = ["1 + 2 * (3 - 4)", "2 * * 3"]


def use(given):
    try:
        return Sum().transform(parser.parse(given))
    except UnexpectedInput as error:
        return type(error).__name__, error.line, error.column
