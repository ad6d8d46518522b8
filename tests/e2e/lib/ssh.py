# SPDX-License-Identifier: Apache-2.0
"""ssh, as what a session at a terminal is compared with."""
import getpass
import os
import pathlib
import shlex
import shutil

SBIN = ":/usr/sbin:/sbin"


class Ssh:
    """ssh to an sshd of its own, which it starts for each connection: nobody listens anywhere.

    `command(line)` is the command line that runs `line` in a terminal there, with the home's key.
    """

    def __init__(self, home):
        sshd = shutil.which("sshd", path=os.environ["PATH"] + SBIN)
        assert sshd, "sshd is not installed (Debian package openssh-server)"
        if os.geteuid() == 0:
            pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd insists on it
        folder = home.root / "ssh"
        folder.mkdir(mode=0o700)
        server = folder / "sshd_config"
        server.write_text(f"HostKey {home.host_key}\nAuthorizedKeysFile {home.authorized_keys}\n"
                          "StrictModes no\nUsePAM no\nPrintLastLog no\nPrintMotd no\n")
        known = folder / "known_hosts"
        known.write_text(f"here {home.host_public_key()}\n")
        self._options = [
            "-F", "none", "-o", f"ProxyCommand={shlex.join([sshd, '-i', '-f', str(server)])}",
            "-o", f"UserKnownHostsFile={known}", "-o", "GlobalKnownHostsFile=none", "-o", "BatchMode=yes",
            "-o", "IdentityAgent=none", "-i", str(home.key), "-l", getpass.getuser(), "-q"]

    def command(self, line):
        return ["ssh", *self._options, "-tt", "here", line]
