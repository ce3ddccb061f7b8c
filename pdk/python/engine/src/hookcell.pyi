"""What a plugin can import: the types of contexts and answers, and how a hook says no."""

from typing import Any, NotRequired, TypedDict


class User(TypedDict):
    """The user of a request."""

    id: str
    role: str


class Context(TypedDict):
    """What a hook gets. Changes to `input` and `data` count if the hook returns nothing."""

    input: dict[str, Any]
    data: Any
    user: User | None
    headers: dict[str, str]
    tenant_id: str | None
    config: NotRequired[Any]
    now: NotRequired[Any]
    seed: NotRequired[Any]


class Answer(TypedDict, total=False):
    """What a hook may return: changed parts of the context, or a result with `ok`."""

    ok: bool
    ctx: dict[str, Any]
    patch: list[dict[str, Any]]
    error: str
    details: list[Any]
    input: dict[str, Any]
    data: Any


class Reject(Exception):
    """Raised by a hook that says no: the plugin's own answer, and no fault.

    `error` says why. `details` is a list of JSON values, for instance one for each wrong field. `status` is the HTTP
    status that an adapter responds with, 400 to 499; it becomes the first of the details.
    """

    error: str
    details: list[Any]

    def __init__(self, error: str, details: list[Any] | None = None, status: int | None = None) -> None: ...
