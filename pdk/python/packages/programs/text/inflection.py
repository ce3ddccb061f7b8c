# package: inflection

import inflection

INPUTS = ["device_type", "Active Model", "octopus", "posts"]


def use(given):
    return [f(given) for f in (inflection.camelize, inflection.pluralize, inflection.singularize, inflection.underscore)]
