# package: chevron

import chevron

INPUTS = [{"name": "Ada", "lines": [{"n": 1}, {"n": 2}]}, {"name": "<b>", "lines": False}]


def use(given):
    return chevron.render("Dear {{name}} {{{name}}}:{{#lines}} {{n}};{{/lines}}{{^lines}} nothing{{/lines}}", given)
