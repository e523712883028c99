"""The Permissions-Policy header: which devices pages may ask the browser for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

#: Our pages, and whatever might get into them.
NOTHING = "camera=(), microphone=(), geolocation=()"
_CAMERA = "camera=(self), microphone=(), geolocation=()"


def with_camera(view: View) -> View:
    """Let the page of a view, and no other one, ask for the camera."""

    @wraps(view)
    def answering(*args: Any, **kwargs: Any) -> Any:
        response = view(*args, **kwargs)
        response.headers["Permissions-Policy"] = _CAMERA
        return response

    return answering  # type: ignore[return-value]
