# SPDX-License-Identifier: GPL-3.0-or-later
"""Shows that the pure archives ask nothing of the outside: no socket, file, clock or random."""
import pathlib
import re
import subprocess
import sys

from sources import Report

FORBIDDEN = re.compile(
    r"^(socket|bind|listen|accept4?|connect|send|sendto|sendmsg|recv|recvfrom|recvmsg|poll|epoll_\w+|select"
    r"|open(at)?(64)?|read|write|pread(64)?|pwrite(64)?|f(open|read|write|sync|datasync)(64)?|unlink|rename|mkdir|stat(64)?"
    r"|time|gettimeofday|clock_gettime|nanosleep|usleep|sleep"
    r"|rand|srand|random|getrandom|getentropy|arc4random\w*|randombytes\w*|crypto_secretstream_xchacha20poly1305_init_push"
    r"|g_random_\w+|g_rand_\w+|g_get_\w*time\w*|g_date_time_new_now\w*|g_uuid_string_random"
    r"|g_main_\w+|g_idle_\w+|g_timeout_\w+|g_source_\w+|g_thread_new|g_object_\w+|g_signal_\w+|g_type_register\w*"
    r"|g_file_\w+|g_socket_\w+|g_input_stream_\w+|g_output_stream_\w+|g_task_\w+|g_log\w*|g_print\w*|printf|puts|getenv)$"
)
# g_assert and g_return_if_fail end in these, which is not logging.
ASSERTIONS = re.compile(r"^(g_assertion_message\w*|g_return_if_fail_warning)$")


def undefined(archive):
    text = subprocess.run(["nm", "-u", archive], capture_output=True, text=True, check=True).stdout
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2 and words[0] in "Uw":
            yield words[1].split("@")[0]


report = Report()
for archive in sys.argv[1:]:
    name = pathlib.Path(archive).name
    symbols = sorted(set(undefined(archive)))
    assert symbols, f"{archive} has no undefined symbol at all: is it empty?"
    report.check(f"{name} is pure", [f"{name} uses {s}" for s in symbols if FORBIDDEN.match(s) and not ASSERTIONS.match(s)])
report.end()
