"""The page on deployment, followed word for word on a machine with a systemd of its own; the service as it is confined."""

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from deploy.machine import boot, why_not
from end_to_end.bureau import Bureau, slack_in_thread
from website import Website

ROOT = Path(__file__).parents[2]
PYTHON = Path(f"/usr/bin/python3.{sys.version_info.minor}")
SECONDS = 180

pytestmark = pytest.mark.long

#: Commands of the page that want a registry or a person, and what stands in for them here.
STAND_INS = (
    (r"^make wheel.*$", ":"),
    (r"^python3 -m venv (\S+)$", rf"{PYTHON} -m venv --without-pip \1"),
    (
        r"^(\S+)/bin/pip install --require-hashes .*$",
        r"(cd \1/lib/python3.*/site-packages && echo /mnt/dependencies > dependencies.pth)",
    ),
    (
        r"^(\S+)/bin/pip install --no-deps \S+ (dist/\S+)$",
        r"(cd \1/lib/python3.*/site-packages && python3 -m zipfile -e /mnt/share/\2 .); wrap \1",
    ),
    (
        r"^systemd-tmpfiles --create .*$",
        r"cp config.toml slack-token /etc/monitor; cp rules/first.yaml /etc/monitor/rules; \g<0>",
    ),
    (r"^journalctl -u monitor -f$", "journalctl -u monitor -n 3 --no-pager"),
)
BEFORE = """
cd /mnt/share
sudo() { shift; setpriv --reuid="$1" --regid="$1" --clear-groups -- "${@:2}"; }
wrap() { printf "#!$1/bin/python\\nfrom monitor.__main__ import main\\nmain()\\n" > $1/bin/monitor; chmod +x $1/bin/monitor; }
wait_for() { for _ in $(seq 300); do eval "$1" && return; sleep 0.2; done; echo "in vain: $1"; }
"""
AFTER = """
wait_for 'sudo -u monitor monitor export deliveries | grep -q sent'
grep -E 'CapBnd|CapEff|NoNewPrivs|Seccomp:' /proc/$(systemctl show -p MainPID --value monitor)/status
(cd /etc/monitor && stat -c 'mode %n %a %U' . config.toml slack-token /var/lib/monitor)
python3 -c "from urllib.request import urlopen; print('livez', urlopen('http://$(cat listen)/livez').status)"
systemctl show -p StatusText monitor
systemctl reload monitor
systemctl kill -s KILL monitor
wait_for '[ $(systemctl show -p NRestarts --value monitor) = 1 ]'
wait_for 'systemctl is-active monitor'
systemctl stop monitor
systemctl show -p Result -p ExecMainStatus monitor
echo journal
journalctl -u monitor --no-pager -o cat
"""


def steps() -> str:
    """What the page has a person type under "With systemd", with the stand-ins put in; each of them is used."""
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    part = page[page.index("## With systemd") : page.index("### Who may edit the rules")]
    typed = "\n".join(re.findall(r"```sh\n(.*?)```", part, re.DOTALL))
    for pattern, stand_in in STAND_INS:
        typed, count = re.subn(pattern, stand_in, typed, flags=re.MULTILINE)
        assert count, pattern
    return typed


@pytest.fixture
def bureau(tmp_path, unused_tcp_port):
    site = Website()
    with slack_in_thread() as slack:
        bureau = Bureau(folder=tmp_path, site=site, slack=slack)
        bureau.settings = '[channels.desk]\nslack = "#news"\nwhen = "now"\nwait = "1s"\n'
        bureau.rule("first.yaml", "- name: 二次関税\n  any: [二次関税]\n  notify: desk\n")
        bureau.publish(a="二次関税を発動", b="雨の予報")
        bureau.write()
        (tmp_path / "listen").write_text(f"127.0.0.1:{unused_tcp_port}", encoding="utf-8")
        yield bureau
    site.close()


def lay_out(bureau: Bureau) -> None:
    """What the operator has carried to the machine: wheel, deploy/, and what is to be written into files by hand."""
    share, hatchling = bureau.folder, Path(sys.executable).with_name("hatchling")
    subprocess.run([hatchling, "build", "-t", "wheel", "-d", share / "dist"], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["cp", "-r", ROOT / "deploy", share], check=True)
    config = share / "config.toml"
    text = config.read_text(encoding="utf-8").replace('listen = ""', f'listen = "{(share / "listen").read_text()}"')
    where = 'database = "monitor.db"'
    assert where in text
    config.write_text(text.replace(where, 'database = "/var/lib/monitor/monitor.db"'), encoding="utf-8")
    (share / "slack-token").write_text(bureau.slack.token, encoding="utf-8")


def test_who_follows_the_page_has_a_service_that_tells(bureau):
    if reason := why_not() or (None if PYTHON.exists() else f"{PYTHON} is not here"):
        pytest.skip(reason)
    lay_out(bureau)
    script = BEFORE + steps() + AFTER
    out = boot(bureau.folder, script, dependencies=Path(sysconfig.get_path("purelib")), seconds=SECONDS)
    if out is None:
        pytest.skip("systemd does not come up here")
    typed, _, journal = out.partition("\njournal\n")
    assert "Everything that digests need works." in typed, out
    assert bureau.told("#news") == {bureau.url("a"): 1}, out
    # As systemd confines it, it is ready, answers, says how it is, reads anew, comes back, and ends in peace.
    for line in ("NoNewPrivs:\t1", "Seccomp:\t2", "CapBnd:\t0000000000000000", "livez 200", "Result=success"):
        assert line in typed, out
    assert re.search(r"^StatusText=\S.*1 rule", typed, re.MULTILINE), out
    assert typed.rstrip().endswith("ExecMainStatus=0"), out
    modes = re.findall(r"^mode (\S+) (\d+) (\w+)$", typed, re.MULTILINE)
    assert {name: (mode, owner) for name, mode, owner in modes} == {
        ".": ("751", "root"),
        "config.toml": ("640", "root"),
        "slack-token": ("600", "root"),
        "/var/lib/monitor": ("700", "monitor"),
    }
    assert "in vain" not in out
    for event in ("event=started", "event=reloaded", "state=sent", "event=stopped"):
        assert event in journal, out
    assert not re.search(r"level=(warning|error)|Traceback|denied|not permitted", journal), out
    assert bureau.slack.token not in out
