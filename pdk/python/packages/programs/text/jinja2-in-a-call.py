# package: jinja2
# with: markupsafe
# variant: a template compiled in a call

from jinja2 import Environment, TemplateSyntaxError

environment = Environment()

INPUTS = [["Hello {{ name }}", {"name": "Ada"}], ["{% if %}", {}], ["{{ 6 * 7 }}{% set x = 3 %}{{ x|string * 2 }}", {}]]


def use(given):
    text, values = given
    try:
        return environment.from_string(text).render(values)
    except TemplateSyntaxError as error:
        return str(error)
