"""A filter of system calls: what opens doors that namespaces leave open is answered with an error.

Shared memory that no limit counts, other processes' memory, keys, new namespaces and mounts, sockets (a network
namespace doesn't cover AF_VSOCK), and the doors through which kernels have been broken into.
"""

from __future__ import annotations

import platform
import struct
from typing import Final

# name: numbers on x86-64 and on 64-bit Arm; None where there is no such call
DENIED: Final[dict[str, tuple[int | None, int | None]]] = {
    "shmget": (29, 194),
    "shmat": (30, 196),
    "socket": (41, 198),
    "semget": (64, 190),
    "msgget": (68, 186),
    "ptrace": (101, 117),
    "setpriority": (141, 140),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "modify_ldt": (154, None),
    "pivot_root": (155, 41),
    "adjtimex": (159, 171),
    "chroot": (161, 51),
    "acct": (163, 89),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "init_module": (175, 105),
    "sched_setaffinity": (203, 122),
    "mq_open": (240, 180),
    "kexec_load": (246, 104),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "ioprio_set": (251, 30),
    "unshare": (272, 97),
    "perf_event_open": (298, 241),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "finit_module": (313, 273),
    "sched_setattr": (314, 274),
    "memfd_create": (319, 279),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "mount_setattr": (442, 442),
    "memfd_secret": (447, 447),
}
PRLIMIT: Final = (
    302,
    261,
)  # only on the process itself: a limit of the first process would outlive the student
MACHINES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, AUDIT_ARCH

LOAD, EQUAL, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refuse: EPERM
NUMBER, ARCHITECTURE, FIRST_LOW, FIRST_HIGH = 0, 4, 16, 20  # offsets in struct seccomp_data, little-endian
X32: Final = 0x40000000  # calls of x86-64's 32-bit twin have numbers of their own, from here


def program(machine: str | None = None) -> bytes | None:
    """Give the filter as classic BPF, or None on a machine whose numbers are not known here."""
    machine = machine or platform.machine()
    if machine not in MACHINES:
        return None
    column, architecture = MACHINES[machine]
    denied = [number for numbers in DENIED.values() if (number := numbers[column]) is not None]
    lines: list[tuple[int, int, int, int]] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),
        (ANSWER, 0, 0, REFUSE),
    ]
    for number in denied:
        lines += [(EQUAL, 0, 1, number), (ANSWER, 0, 0, REFUSE)]
    lines += [
        (EQUAL, 0, 5, PRLIMIT[column]),
        (LOAD, 0, 0, FIRST_LOW),
        (EQUAL, 0, 2, 0),
        (LOAD, 0, 0, FIRST_HIGH),
        (EQUAL, 1, 0, 0),
        (ANSWER, 0, 0, REFUSE),
        (ANSWER, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
