# package: mako
# with: markupsafe

from mako.template import Template

letter = Template("Dear ${name},\n% for item in items:\n- ${item | h}\n% endfor\n")

INPUTS = [{"name": "Ada", "items": ["<tea>", "cake"]}, {"name": "Bob", "items": []}]


def use(given):
    return letter.render(**given)
