"""What Linux tells of a process in /proc: who belongs to its session, what memory it holds."""

import os
import select
import time
from pathlib import Path

SLACK = float(os.environ.get("SLACK", "1"))  # times every deadline: for a loaded machine


def session_members(session):
    """The living processes of a session (a kernel leads its own), zombies left out."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        state, _, _, sid = rest.split()[:4]
        if int(sid) == session and state not in "ZX":
            found.append(int(head.split()[0]))
    return sorted(found)


def wait_gone(session, patience):
    """Whether every process of a session has ended within `patience` seconds."""
    deadline = time.monotonic() + patience * SLACK
    while members := session_members(session):
        try:
            watched = os.pidfd_open(members[0])
        except ProcessLookupError:
            continue
        left = deadline - time.monotonic()
        ended = left > 0 and select.select([watched], [], [], left)[0]
        os.close(watched)
        if not ended:
            return False
    return True


def memory(pid):
    """Resident and proportional set size, in bytes."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("Rss", "Pss"):
            sizes[name.lower()] = int(value.split()[0]) * 1024
    return sizes


def cpu_seconds(pid):
    """User and system time used by all threads of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
