# package: packaging

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

INPUTS = [["1.10", ">=1.2,<2"], ["2.0rc1", "~=1.0"], ["no", "*"]]


def use(given):
    version, allowed = given
    try:
        found = Version(version)
    except InvalidVersion as error:
        return str(error)
    return found.release, found.is_prerelease, found in SpecifierSet(allowed), str(Requirement("a[b]>=1; os_name=='x'"))
