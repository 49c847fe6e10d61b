"""The service as operators run it, gunicorn with its workers, and what can be done to its processes."""

from __future__ import annotations

import http.client
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.secrets.checkpoint import new_signer
from tests.soak.clients import Answer
from tests.support.heard import hear

SECRET = "not-a-real-secret-not-a-real-secret"
START_SECONDS = 120
"""Beyond this a service does not come up any more, however busy the machine."""
CHECKPOINT_EVERY = 25


class Service:
    """One service with a folder for its log; ``url`` is that of its store, ``answers`` all that it gave."""

    def __init__(self, folder: Path, url: str, *, workers: int) -> None:
        self.url, self.log = url, folder / "log"
        self.answers: list[Answer] = []
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        others = {name: value for name, value in os.environ.items() if not name.upper().startswith("OSTEON_")}
        self._environment = {
            **others,
            "HOME": str(folder),
            "OSTEON_BIND": f"127.0.0.1:{self.port}",
            "OSTEON_DATABASE_URL": url,
            "OSTEON_WORKERS": str(workers),
            "OSTEON_PATIENT_KEY_SECRET": SECRET,
            "OSTEON_CHECKPOINT_KEY": new_signer().written(),
            "OSTEON_CHECKPOINT_EVERY": str(CHECKPOINT_EVERY),
            "OSTEON_GRACEFUL_TIMEOUT_SECONDS": "5",
        }
        self._workers = workers
        self.start()
        self.seconds_of_work_to_start = max(cpu_seconds(worker) for worker in self.workers())

    def start(self) -> None:
        """Starts it and waits until its workers are there and it answers.

        As who looks after services does, it is started again if it ends, because workers that a master left
        behind still have the port.
        """
        until = time.monotonic() + START_SECONDS
        self.process = self._started()
        while not (len(self.workers()) == self._workers and self.is_ready()):
            assert time.monotonic() < until, self.log.read_text()[-2000:]
            if self.process.poll() is not None:
                self.process = self._started()
            time.sleep(0.05)

    def _started(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "service.cli", "serve"]
            return subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def workers(self) -> tuple[int, ...]:
        try:
            listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        except FileNotFoundError:
            return ()
        return tuple(int(pid) for pid in listed.split())

    def workers_at_work(self) -> tuple[int, ...]:
        """Those that have done more than a worker does before its first request."""
        return tuple(pid for pid in self.workers() if cpu_seconds(pid) > self.seconds_of_work_to_start + 0.1)

    def kill_master(self) -> None:
        """Ends the master without a word; its workers find that they are alone and go."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """No worker can write to a file beyond its first kilobytes, the log and the database included."""
        for pid in self.workers():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        try:
            yield
        finally:
            for pid in self.workers():
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        hear(self.log.read_text(errors="replace"))


@contextmanager
def serving(folder: Path, url: str, *, workers: int = 2) -> Iterator[Service]:
    service = Service(folder, url, workers=workers)
    try:
        yield service
    finally:
        service.stop()


def cpu_seconds(pid: int) -> float:
    """What a process has computed since it began; 0 when there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    """The memory a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
