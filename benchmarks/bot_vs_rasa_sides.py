"""The two sides of `bot_vs_rasa`: how each is trained, started, weighed and stopped."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psutil
import psycopg
import yaml

from benchmarks.live import ROOT, free_port
from kit.postgres import EmbeddedPostgres

PROJECT = ROOT / "benchmarks" / "bot_vs_rasa_project"
RASA = ROOT / ".rasa-venv" / "bin" / "python"
TRAIN_SECONDS = 1800.0
RASA_ENVIRONMENT = {"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


class Side:
    """One bot as processes of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder, self.port = name, folder, 0
        self.environment = dict(os.environ)
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.project = folder / "project"
        shutil.copytree(PROJECT, self.project, dirs_exist_ok=True)

    def change_sentences(self) -> None:
        """Adds a sentence to every intent, as somebody does who has read what customers write."""
        file = self.project / "data" / "nlu.yml"
        lines = file.read_text(encoding="utf-8").splitlines()
        for number in [i for i, line in enumerate(lines) if line.startswith("- intent:")][::-1]:
            first = lines[number + 2]
            lines.insert(number + 2, f"{first} if you would")
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def train_command(self) -> list[str]:
        """What trains it from nothing."""
        raise NotImplementedError

    def start_command(self) -> list[str]:
        """What starts it on `self.port`."""
        raise NotImplementedError

    def train(self) -> tuple[float, float]:
        """Trains; returns the seconds of the whole command, on the clock and of the processor. Raises RuntimeError with its last words."""
        began, used = time.monotonic(), _processor_seconds()
        done = subprocess.run(
            self.train_command(), env=self.environment, cwd=self.folder, capture_output=True, timeout=TRAIN_SECONDS, check=False
        )
        if done.returncode:
            raise RuntimeError((done.stdout + done.stderr).decode(errors="replace")[-2000:])
        return time.monotonic() - began, _processor_seconds() - used

    def start(self) -> None:
        """Starts the processes; it does not wait until they are ready."""
        self.port = free_port()
        with (self.folder / "run.log").open("ab") as output:
            self.process = subprocess.Popen(
                self.start_command(), env=self.environment, stdout=output, stderr=output, cwd=ROOT, start_new_session=True
            )

    def memory_mb(self) -> float:
        """Resident memory of all its processes, PostgreSQL not counted, in MB; pages that they share are counted once for each."""
        return round(sum(p.memory_info().rss for p in self._processes()) / 1e6, 1)

    def cpu_seconds(self) -> float:
        """Processor time of all its processes since they began."""
        return sum(sum(p.cpu_times()[:2]) for p in self._processes())

    def _processes(self) -> Iterator[psutil.Process]:
        assert self.process is not None
        head = psutil.Process(self.process.pid)
        for process in (head, *head.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                if "postgres" not in process.name():
                    yield process

    def stop(self) -> None:
        """Ctrl-C, then the end."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None


def _processor_seconds() -> float:
    """Of all processes that this one began and that have ended, with those that they began."""
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


class BatonSide(Side):
    """Baton whole: `baton run` (serve and work) on PostgreSQL, with Rasa's doors open."""

    def __init__(self, folder: Path, server: EmbeddedPostgres) -> None:
        super().__init__("Baton, PostgreSQL", folder)
        self.environment |= {
            "DATABASE_URL": server.url,
            "BATON_DATA_DIR": str(folder),
            "BATON_PROJECT": str(self.project),
            "BATON_ENCODER_CACHE": str(folder / "encoders"),
            "BATON_RASA_DOORS": "on",
            "BATON_LOG_LEVEL": "WARNING",
        }

    def train_command(self) -> list[str]:
        """The same command as a user's."""
        return [sys.executable, "-m", "app.cli", "train"]

    def start_command(self) -> list[str]:
        """The same command as a user's."""
        self.environment |= {"BATON_PORT": str(self.port), "BATON_PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        return [sys.executable, "-m", "app.cli", "run"]


class RasaSide(Side):
    """Rasa 3.6.21: `rasa run` with its REST channel, on PostgreSQL or in memory."""

    def __init__(self, folder: Path, server: EmbeddedPostgres | None) -> None:
        super().__init__("Rasa, PostgreSQL" if server else "Rasa, in memory", folder)
        self.environment |= RASA_ENVIRONMENT
        store = {"tracker_store": {"type": "SQL", "dialect": "postgresql", "url": rasa_database(server)}} if server else {}
        (folder / "endpoints.yml").write_text(yaml.safe_dump(store), encoding="utf-8")
        (folder / "credentials.yml").write_text("rest:\n", encoding="utf-8")

    @property
    def model(self) -> Path:
        """The trained model; both Rasa sides use one."""
        return self.folder.parent / "rasa-model"

    def train_command(self) -> list[str]:
        """Rasa keeps in `.rasa` what need not be trained again."""
        domain, config, data = (str(self.project / name) for name in ("domain.yml", "config.yml", "data"))
        options = ["--domain", domain, "--config", config, "--data", data, "--out", str(self.model)]
        return [str(RASA), "-W", "ignore", "-m", "rasa", "train", *options]

    def start_command(self) -> list[str]:
        """The server with one worker, as Rasa starts it."""
        files = ["--endpoints", str(self.folder / "endpoints.yml"), "--credentials", str(self.folder / "credentials.yml")]
        return [str(RASA), "-W", "ignore", "-m", "rasa", "run", "-m", str(self.model), "-p", str(self.port), "-i", "127.0.0.1", *files]


def rasa_database(server: EmbeddedPostgres) -> str:
    """Makes Rasa a database on the same server; returns its URL for psycopg2."""
    parts = urlsplit(server.url.replace("+psycopg", ""))
    host = parse_qs(parts.query)["host"][0]
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    with psycopg.connect(host=host, user=user, password=password, dbname=parts.path[1:], autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = 'rasa'").fetchone() is None:
            connection.execute("CREATE DATABASE rasa")
    return f"postgresql://{parts.username}:{parts.password}@/rasa?host={host}"
