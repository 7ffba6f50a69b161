"""A program with a key, at /v1."""

from types import TracebackType
from typing import Any, Self

import httpx


class Program:
    """Its connections end with the block it is used in."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.Client(
            base_url=f"{url}/v1", headers={"Authorization": f"Bearer {key}"}, timeout=120
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """The answer to a GET that succeeds."""
        answer = self._http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def post(self, path: str, **body: Any) -> httpx.Response:
        """The answer to a POST."""
        return self._http.post(path, json=body)

    def started(self, path: str, **body: Any) -> dict[str, Any]:
        """The answer to a POST that starts a job."""
        answer = self.post(path, **body)
        assert answer.status_code == 202, answer.text
        found: dict[str, Any] = answer.json()
        return found
