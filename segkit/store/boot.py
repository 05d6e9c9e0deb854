"""Tell one boot of a machine from another, and one process from a later one of the same number.

A lease that is measured by the wall clock lies when the clock jumps, and one that is held by a
process number lies when the number is given again. So time is counted from the boot, and a process
is its number with the instant at which it began.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Give what names this boot of the machine; another one after every reboot."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return f"booted-{int(psutil.boot_time())}"


def boot_seconds() -> float:
    """Give the seconds since the boot, sleep counted in; no clock change moves it."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A process that holds something: its boot, its space of process numbers, its number and age.

    `space` differs between containers that share a kernel; a process of another one cannot be
    looked at.
    """

    boot: str
    space: str
    pid: int
    began: float

    @classmethod
    def this(cls) -> "Holder":
        """Give this very process."""
        pid = os.getpid()
        return cls(boot=boot_id(), space=_space(), pid=pid, began=psutil.Process(pid).create_time())

    def is_gone(self) -> bool:
        """Whether it has certainly ended; False when that cannot be told from here."""
        if self.boot != boot_id():
            return True
        if self.space != _space():
            return False
        try:
            process = psutil.Process(self.pid)
            is_other = abs(process.create_time() - self.began) > 1
            return is_other or bool(process.status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True
        except psutil.Error:
            return False


def _space() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""
