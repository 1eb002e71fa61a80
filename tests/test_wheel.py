"""The wheel, where nothing of the checkout is in reach: built, installed beside the dependencies alone, put to work."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "monitor"
#: An account that owns nothing; only root may take it.
NOBODY = 65534

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built as `make wheel` builds it."""
    folder = tmp_path_factory.mktemp("dist")
    hatchling = Path(sys.executable).with_name("hatchling")
    subprocess.run([hatchling, "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("monitor-*.whl")
    return built


@pytest.fixture(scope="module")
def monitor(wheel, tmp_path_factory):
    """The command in an environment of its own, and a way to call it in an empty folder; the code cannot be written."""
    home = tmp_path_factory.mktemp("venv")
    home.parent.chmod(0o755)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    (packages,) = home.glob("lib/python*/site-packages")
    # The dependencies lie in the environment of the tests; of the files there that name further folders, such as this
    # checkout, none is read from a folder that was named so itself.
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", home / "bin" / "python"]
    options = ["--quiet", "--no-deps", "--no-index", "--ignore-installed", "--target", packages]
    subprocess.run([*pip, "install", *options, wheel], check=True)
    subprocess.run(["chmod", "-R", "a+rX,a-w", home], check=True)
    yield Installed(home)
    subprocess.run(["chmod", "-R", "u+w", home], check=True)


class Installed:
    def __init__(self, home: Path) -> None:
        self.python = home / "bin" / "python"
        # Where interpreter and dependencies lie in root's own folders, nobody else can run them.
        self.as_nobody = os.geteuid() == 0 and shutil.which("setpriv") and _others_may_enter(Path(sys.prefix, "bin"))

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        lower = []
        if self.as_nobody:
            os.chown(folder, NOBODY, NOBODY)
            folder.parent.chmod(0o755)
            lower = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
        return subprocess.run(
            [*lower, self.python, "-P", "-m", "monitor", *arguments],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TMPDIR": str(folder), "HOME": str(folder)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


def _others_may_enter(path: Path) -> bool:
    real = path.resolve(), Path(sys.executable).resolve()
    return all(folder.stat().st_mode & 0o001 for place in real for folder in place.parents)


def test_it_carries_every_file_that_is_no_python(wheel):
    """What the working tree has beside its modules: messages, templates, the demo's site, starter files."""
    packed = set(zipfile.ZipFile(wheel).namelist())
    ours = {path for path in HOUSE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {str(path.relative_to(ROOT)) for path in ours} <= packed
    assert not [name for name in packed if name.startswith(("tests/", "rules/", "docs/"))]


def test_the_code_is_that_of_the_wheel(monitor, tmp_path):
    done = subprocess.run(
        [monitor.python, "-P", "-c", "import monitor; print(monitor.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not Path(done.stdout).is_relative_to(ROOT)


@pytest.mark.parametrize(("language", "word"), [("en", "recall"), ("ja", "二次関税")])
def test_the_demo_shows_the_whole_chain(monitor, tmp_path, language, word):
    done = monitor.run(tmp_path, "demo", "--language", language)
    assert done.returncode == 0, done.stderr
    assert word in done.stdout
    (page,) = tmp_path.glob("monitor-demo-*/preview.html")
    assert word in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_first_configuration_is_written_and_fine(monitor, tmp_path, language):
    assert monitor.run(tmp_path, "init", ".", "--language", language).returncode == 0
    done = monitor.run(tmp_path, "check", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["rules"] > 0


@pytest.mark.parametrize("what", ["rules", "config"])
def test_the_schema_is_printed(monitor, tmp_path, what):
    done = monitor.run(tmp_path, "schema", what)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["$schema"]


def test_the_definition_of_the_slack_app_is_printed(monitor, tmp_path):
    assert "chat:write" in monitor.run(tmp_path, "slack", "manifest").stdout
