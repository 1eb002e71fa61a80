"""A shell script -> what it printed, on a machine that is thrown away: systemd as process 1, over this root but without its
services, its /run, /tmp and /dev. What the script writes stays in memory and is gone with it; only the network is shared.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

SYSTEMD = Path("/lib/systemd/systemd")
#: What the machine lacks of the host's own start: all that would change the kernel it shares.
MASKED = ("systemd-sysctl", "systemd-modules-load", "systemd-remount-fs", "systemd-udevd", "systemd-update-utmp")

_BOOT = """
set -e
share=$1
mount --make-rprivate /
mkdir -p $share/memory && mount -t tmpfs memory $share/memory
cd $share/memory && mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
cd root
mount -t proc proc proc
mount --bind proc/sys proc/sys && mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs run run
mount -t tmpfs tmp tmp
mount -t tmpfs -o mode=755 dev dev
mkdir dev/shm dev/pts
for name in null zero full random urandom tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts && ln -s pts/ptmx dev/ptmx
mkdir -p mnt/share mnt/dependencies && mount --bind $share mnt/share && mount --bind "$2" mnt/dependencies
units=etc/systemd/system
rm -rf $units/*.wants $units/*.requires
for name in $3; do ln -sf /dev/null $units/$name.service; done
printf '[Unit]\\nRequires=basic.target\\nWants=script.service dbus.service\\n' > $units/script.target
cat > $units/script.service <<'END'
[Unit]
After=basic.target dbus.service
[Service]
Type=oneshot
ExecStart=/bin/bash /mnt/share/script.sh
ExecStopPost=/bin/sh -c 'touch /mnt/share/ended; systemctl exit 0'
StandardOutput=file:/mnt/share/out
StandardError=file:/mnt/share/out
END
mkdir old && pivot_root . old && umount -l /old
# As a container's own manager would leave it: credentials are mounted from within.
mount --make-rshared /
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --unit=script.target --show-status=no
"""


def why_not() -> str | None:
    """What this host lacks for it."""
    if os.geteuid() != 0:
        return "root alone can boot a machine"
    lacking = [name for name in ("unshare", "setpriv", "dbus-daemon", "pivot_root") if shutil.which(name) is None]
    if lacking or not SYSTEMD.exists():
        return f"not here: {', '.join(lacking) or SYSTEMD}"
    done = subprocess.run(["unshare", "-m", "-p", "-f", "-i", "-u", "-C", "true"], capture_output=True, check=False)
    return None if done.returncode == 0 else "no namespaces here"


def boot(share: Path, script: str, *, dependencies: Path, seconds: float) -> str | None:
    """Run the script; `share` is /mnt/share inside. `None` where the machine did not come up."""
    (share / "boot.sh").write_text(_BOOT, encoding="utf-8")
    (share / "script.sh").write_text(f"set -eu\necho up\n{script}\n", encoding="utf-8")
    group = _cgroups() / f"monitor-test-{os.getpid()}"
    group.mkdir()
    enter = 'echo $$ > "$1/cgroup.procs"; shift; exec "$@"'
    spaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "--cgroup"]
    command = ["bash", share / "boot.sh", share, dependencies, " ".join(MASKED)]
    with (share / "boot.log").open("wb") as log:
        machine = subprocess.Popen(
            ["bash", "-c", enter, "enter", group, *spaces, *command], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        machine.wait(seconds)
    except subprocess.TimeoutExpired:
        machine.kill()
        machine.wait()
    finally:
        _remove(group)
    out = share / "out"
    return out.read_text(encoding="utf-8", errors="replace") if out.exists() else None


def _cgroups() -> Path:
    """Where the unified hierarchy is mounted."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()]
    return next(Path(place) for _, place, kind, *_ in mounts if kind == "cgroup2")


def _remove(group: Path) -> None:
    """As soon as the kernel has buried who lived there."""
    ends = time.monotonic() + 10
    while group.exists():
        try:
            for folder, _, _ in os.walk(group, topdown=False):
                Path(folder).rmdir()
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
