# package: pluggy

import pluggy

spec, impl = pluggy.HookspecMarker("x"), pluggy.HookimplMarker("x")


class Spec:
    @spec
    def total(self, numbers): ...


class Adds:
    @impl
    def total(self, numbers):
        return sum(numbers)


manager = pluggy.PluginManager("x")
manager.add_hookspecs(Spec)
manager.register(Adds())

INPUTS = [[1, 2, 3]]


def use(given):
    return manager.hook.total(numbers=given)
