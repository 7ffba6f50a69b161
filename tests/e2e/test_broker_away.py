"""Sending needs only the database, and requests never use the broker."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from core.access import Scope
from tests import inside
from tests.e2e import acme as acme_installation
from tests.e2e import changes
from tests.e2e.acme import Acme
from tests.e2e.drafting import approve_in_page, draft
from tests.e2e.program import Program
from tests.mail import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("installation")]


SCOPES = [Scope.AGENTS_READ, Scope.AGENTS_TRIGGER, Scope.IDENTITIES_READ, Scope.IDENTITIES_WRITE]


class Broker:
    """A local port that is closed, or open with a server that never answers."""

    def __init__(self) -> None:
        self._kept = self._bound()  # never listens; reserves the port
        self.port: int = self._kept.getsockname()[1]
        self.asked: list[bytes] = []

    @contextlib.contextmanager
    def hung(self) -> Iterator[None]:
        """Accepts connections while the block runs; `asked` holds what they sent."""
        self.asked = []
        with contextlib.ExitStack() as stack:
            server = stack.enter_context(self._bound(self.port))
            server.listen(100)
            ends = threading.Thread(target=self._accept, args=(server, stack))
            ends.start()
            try:
                yield
            finally:
                server.shutdown(socket.SHUT_RDWR)
                ends.join()

    def close(self) -> None:
        """Releases the port."""
        self._kept.close()

    def _accept(self, server: socket.socket, stack: contextlib.ExitStack) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:  # the block has ended
                return
            stack.enter_context(connection)
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self.asked.append(connection.recv(4096))

    @staticmethod
    def _bound(port: int = 0) -> socket.socket:
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(("127.0.0.1", port))
        return made


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with contextlib.closing(Broker()) as made:
        yield made


@pytest.fixture(scope="module")
def cut_off(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    """An installation whose broker is away; a process of its own sends."""
    variables = {
        "REDIS_URL": f"redis://127.0.0.1:{broker.port}/0",
        "UNIPILE_API_URL": "http://127.0.0.1:9",
        "UNIPILE_API_KEY": "unipile-fake",
    }
    folder = tmp_path_factory.mktemp("cut-off")
    with acme_installation.running(folder, "dispatch", **variables) as running:
        yield running


def test_with_the_broker_at_a_closed_port_an_approved_mail_still_leaves(cut_off: Acme) -> None:
    queued = draft(cut_off, cut_off.assistant("mia"), "ana")

    approve_in_page(cut_off.person("rex"), queued["review_url"])

    wait_until(lambda: len(cut_off.sink.received()) == 1, "the mail leaves", 120)


def start_all(acme: Acme, name: str) -> None:
    """A run by tool and by key, and a login: each is answered, and waits for a worker."""
    by_tool, by_key = (acme.do(changes.make_agent, f"{name} {way}") for way in ("tool", "key"))
    key = acme.do(inside.api_key, "alice@acme.example", *SCOPES, role="admin")
    sender = acme.do(inside.add_sender, "acme")
    with Program(acme.url, key) as program:
        started = [
            program.started(f"/agents/{by_key}/trigger"),
            program.started(f"/identities/{sender}/linkedin/login"),
            acme.assistant("mia").call("trigger_agent", agent_id=by_tool),
        ]
        for answer in started:
            assert program.get(f"/jobs/{answer['job_id']}")["job"]["status"] == "queued"
        run = program.get(f"/agents/{by_key}/runs")["runs"][0]
        assert (run["status"], run["agent_name"]) == ("queued", f"{name} key")


def test_with_the_broker_at_a_closed_port_runs_and_logins_are_started(cut_off: Acme) -> None:
    start_all(cut_off, "Closed")


def test_starting_runs_and_logins_never_asks_a_broker_that_hangs(
    cut_off: Acme, broker: Broker
) -> None:
    with broker.hung():
        start_all(cut_off, "Hung")
        asked = list(broker.asked)  # by the cache, which has the same server

        cut_off.do(inside.tell_a_worker)
        wait_until(lambda: len(broker.asked) > len(asked), "what does tell a worker is heard", 120)

    assert set(asked).isdisjoint(broker.asked[len(asked) :])
