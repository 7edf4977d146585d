"""What these tests stand on: a Postgres of their own that nobody has prepared but for making it, as a new installation's."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from starter.stack import Ports
from starter.stack.directory import Directory
from starter.stack.ports import LOOPBACK
from starter.stack.postgres import Postgres
from starter.stack.processes import Child
from tests.deploy.files import DEPLOY, drawn_secrets, postgres_programs, shell


@dataclass(frozen=True)
class Installation:
    """A Postgres with the roles of the deployment, and the secrets that were drawn for it."""

    secrets: Path
    port: int
    admin_password: str = field(repr=False)

    def prepare(self) -> None:
        """Makes roles and databases, by the script that the container runs."""
        env = {
            "PATH": f"{postgres_programs()}:/usr/bin:/bin",
            "PGHOST": LOOPBACK,
            "PGPORT": str(self.port),
            "PGPASSWORD": self.admin_password,
            "SECRETS_DIR": str(self.secrets),
            "ROLES_SQL": str(DEPLOY / "postgres" / "roles.sql"),
        }
        done = shell(DEPLOY / "postgres" / "init" / "10-roles.sh", env=env)
        assert done.returncode == 0, done.stderr

    def dsn(self, role: str, database: str) -> str:
        """Where a role finds a database; its password is the one drawn for it."""
        name = role.removeprefix("offramp_")
        password = (
            self.admin_password
            if role == "postgres"
            else (self.secrets / f"postgres_{name}_password").read_text(encoding="utf-8").strip()
        )
        return f"postgresql://{role}:{password}@{LOOPBACK}:{self.port}/{database}"

    def here(self, name: str) -> Path:
        """A secret that holds an address, with the host of the compose file's network replaced by this machine."""
        path = self.secrets / f"{name}_here"
        address = (self.secrets / name).read_text(encoding="utf-8")
        path.write_text(address.replace("@postgres:5432/", f"@{LOOPBACK}:{self.port}/"), encoding="utf-8")
        path.chmod(0o600)
        return path


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """A Postgres as the image makes it, then prepared by the deployment's script."""
    path = Path(tempfile.mkdtemp(prefix="offramp-deploy-"))
    directory, ports = Directory(path), Ports.free()
    started: list[Child] = []
    directory.take()
    try:
        Postgres(directory, port=ports.postgres).start(started.append)
        made = Installation(drawn_secrets(path / "drawn"), ports.postgres, directory.secrets().postgres)
        made.prepare()
        yield made
    finally:
        for child in started:
            child.stop()
        directory.release()
        shutil.rmtree(path)
