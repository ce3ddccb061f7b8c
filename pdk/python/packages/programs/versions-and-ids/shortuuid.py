# package: shortuuid

import uuid

import shortuuid

INPUTS = ["http://example.com", "ada"]


def use(given):
    found = uuid.uuid5(uuid.NAMESPACE_URL, given)
    return str(found), shortuuid.encode(found), str(shortuuid.decode(shortuuid.encode(found))), shortuuid.uuid(name=given)
