# package: pyparsing

import pyparsing as pp

number = pp.Word(pp.nums).set_parse_action(lambda found: int(found[0]))
term = pp.infix_notation(
    number,
    [
        (pp.one_of("* /"), 2, pp.opAssoc.LEFT),
        (pp.one_of("+ -"), 2, pp.opAssoc.LEFT),
    ],
)

INPUTS = ["1 + 2 * (3 - 4)", "1 +"]


def use(given):
    try:
        return term.parse_string(given, parse_all=True).as_list()
    except pp.ParseException as error:
        return str(error)
