# package: pystache

import pystache

INPUTS = [{"name": "Ada", "lines": [{"n": 1}, {"n": 2}]}, {"name": "<b>"}]


def use(given):
    return pystache.render("Dear {{name}} {{{name}}}:{{#lines}} {{n}};{{/lines}}", given)
