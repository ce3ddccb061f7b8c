# package: markdown

from markdown import Markdown
from markdown.extensions.fenced_code import FencedCodeExtension
from markdown.extensions.tables import TableExtension

reader = Markdown(extensions=[TableExtension(), FencedCodeExtension()])

INPUTS = ["# Title\n\nSome *text*.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n", "```python\nx = 1 < 2\n```"]


def use(given):
    return reader.reset().convert(given)
