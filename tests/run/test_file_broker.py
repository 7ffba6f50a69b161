"""The embedded broker: a message is there whole, or it is not there."""

from pathlib import Path

import pytest
from kombu import Connection

from pathbound_mcp.celery import app


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("queue", "control", "done"):
        (tmp_path / name).mkdir()
    return tmp_path


def connected(folder: Path) -> Connection:
    assert app.main == "pathbound_mcp"  # which names the transport of this URL
    return Connection(
        "filesystem://",
        transport_options={
            "data_folder_in": str(folder / "queue"),
            "data_folder_out": str(folder / "queue"),
            "control_folder": str(folder / "control"),
            "processed_folder": str(folder / "done"),
            "store_processed": True,
        },
    )


def test_what_is_sent_is_received(folder: Path) -> None:
    with connected(folder) as connection, connection.SimpleQueue("first") as queue:
        for number in range(3):
            queue.put({"number": number})

        received = [queue.get(block=False) for _ in range(3)]
        found = [message.payload["number"] for message in received]
        for message in received:
            message.ack()

    assert sorted(found) == [0, 1, 2]
    assert not list((folder / "queue").iterdir())


def test_a_message_shows_only_once_it_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    real = Path.write_bytes

    def looked_at(path: Path, data: bytes) -> int:
        written = real(path, data[:5])
        seen.append([one.name for one in path.parent.iterdir() if one.suffix == ".msg"])
        return written and real(path, data)

    with connected(folder) as connection, connection.SimpleQueue("second") as queue:
        monkeypatch.setattr(Path, "write_bytes", looked_at)
        queue.put({"number": 1})

        assert seen == [[]]
        assert queue.get(block=False).payload == {"number": 1}
