# SPDX-License-Identifier: Apache-2.0
"""Where nigh's processes write what a sanitizer finds, so that no report goes unseen."""
import pathlib
import re

EXIT_STATUS = 99  # of a process that a sanitizer ended: no status that nigh itself uses

# On standard error when a process could not open the log, e.g. inside its sandbox.
ON_STDERR = re.compile(rb"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error: |"
                       rb"ERROR: Can't (open file|create directory)")

# What LeakSanitizer says, and no finding: a thread that was joined just before the end was still in
# /proc when it looked at the threads.
DYING_THREAD = re.compile(r"==\d+==Unable to get registers from thread \d+\.\n?")


def environment(folder, inherited):
    """Variables that send the reports of all sanitizers to files in `folder`."""
    common = f"log_path={folder}/report:exitcode={EXIT_STATUS}"
    own = {
        "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "TSAN_OPTIONS": inherited.get("TSAN_OPTIONS", "halt_on_error=0"),
    }
    result = {name: f"{value}:{common}" for name, value in own.items()}
    if "ASAN_SYMBOLIZER_PATH" in inherited:
        result["ASAN_SYMBOLIZER_PATH"] = inherited["ASAN_SYMBOLIZER_PATH"]
    return result


def reports(folder):
    """The text of every report so far."""
    texts = (path.read_text(errors="backslashreplace")
             for path in sorted(pathlib.Path(folder).glob("report.*")))
    return [text for text in texts if DYING_THREAD.sub("", text)]


def in_stderr(stderr):
    """The part of a process's standard error that is a report; None if there is none."""
    match = ON_STDERR.search(stderr)
    return stderr[match.start():].decode(errors="backslashreplace") if match else None
