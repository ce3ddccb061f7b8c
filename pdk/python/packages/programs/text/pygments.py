# package: pygments

from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers.python import PythonLexer

lexer, formatter = PythonLexer(), HtmlFormatter()

INPUTS = ["def f(x):\n    return x + 1  # one more\n", "'unclosed"]


def use(given):
    return highlight(given, lexer, formatter)
