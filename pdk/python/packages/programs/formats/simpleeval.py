# package: simpleeval
# because: it names `os.system` in a list of what is forbidden, and a plugin's `os` has none

from simpleeval import EvalWithCompoundTypes, InvalidExpression

evaluator = EvalWithCompoundTypes(functions={"max": max, "len": len})

INPUTS = ["max(1, 2) * 3", "[n * 2 for n in [1, 2, 3]]", "().__class__", "9 ** 9 ** 9"]


def use(given):
    try:
        return evaluator.eval(given)
    except InvalidExpression as error:
        return type(error).__name__, str(error)
