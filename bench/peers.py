# SPDX-License-Identifier: Apache-2.0
"""nigh and what it is measured against: a server each, and the command lines of its client.

Every server listens on loopback or inside the emulated network, has its own keys and configuration
in the workspace, and ends with its context. Nothing in the real home is read or written.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from harness import CaseFailed, Unavailable
from netem import Link
from processes import Sample, Server, descendants, run_pipeline, run_timed, tail


class Place:
    """Where a server and its clients run: on loopback, or at the two ends of an emulated link.

    Every server sees the same empty home of the account (as root, in a mount namespace of its own):
    a `.bashrc` that takes its time would otherwise count for those servers whose shell reads it.
    """

    def __init__(
        self, workspace: Path, link: Link | None = None, server_core: int | None = None
    ) -> None:
        self.address = "127.0.0.1" if link is None else link.ADDRESS_B
        self.client_prefix = [] if link is None else link.enter_a()
        self.server_prefix = [] if link is None else link.enter_b()
        if server_core is not None:
            self.server_prefix += ["taskset", "-c", str(server_core)]
        self.home = workspace / "account-home"
        if os.geteuid() == 0:
            self.server_prefix += self._in_empty_home()

    def _in_empty_home(self) -> list[str]:
        """This checkout stays visible even when it is below the home that is covered."""
        real_home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
        root = Path(__file__).resolve().parent.parent
        self.home.mkdir(exist_ok=True, mode=0o700)
        script = 'mount --rbind "$0" "$1"; shift; exec "$@"'
        if root.is_relative_to(real_home):
            kept = self.home / root.relative_to(real_home)
            kept.mkdir(parents=True, exist_ok=True)
            script = f"mount --bind {shlex.quote(str(root))} {shlex.quote(str(kept))}; {script}"
        return ["unshare", "--mount", "sh", "-ec", script, str(self.home), str(real_home)]


class Peer(Protocol):
    """A started server with its client."""

    name: str
    server: Server
    env: dict[str, str]
    errors: Path

    def command(self, remote: str) -> list[str]:
        """Command line that runs the shell command `remote` on the server."""
        ...


def measure(peer: Peer, remote: str) -> Sample:
    """One remote command, from nothing to its end; the CPU time is the client's."""
    return run_timed(peer.command(remote), peer.env, peer.errors)


def measure_both_sides(peer: Peer, remote: str, before: Sequence[Sequence[str]] = ()) -> Sample:
    """The same with the server's CPU time included. `before` feeds the client's stdin."""
    processes = len(descendants(peer.server.pid))
    begin = peer.server.cpu_seconds()
    sample = run_pipeline([*before, peer.command(remote)], peer.env, peer.errors)
    end = peer.server.settled_cpu_seconds(processes)
    return Sample(sample.seconds, sample.cpu_seconds + end - begin)


def tool(name: str, package: str) -> str:
    """Path of a program that a Debian package brings; sbin is searched too."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise Unavailable(f"{name} is not installed (Debian package {package})")
    return path


def free_port(address: str = "127.0.0.1") -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


def clean_env(home: Path) -> dict[str, str]:
    """No agent, no settings of whoever runs the benchmark."""
    return {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


def run_quietly(argv: Sequence[str], env: Mapping[str, str] | None = None) -> str:
    """Output of a program that has to succeed."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env=env)
    if done.returncode != 0:
        raise CaseFailed(f"'{' '.join(argv)}' failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def user_key(workspace: Path) -> Path:
    """The ed25519 key of the client, for OpenSSH and nigh alike; authorized_keys beside it."""
    key = workspace / "id_ed25519"
    if not key.exists():
        keygen = tool("ssh-keygen", "openssh-client")
        run_quietly([keygen, "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", str(key)])
        listed = workspace / "authorized_keys"
        listed.write_text(key.with_suffix(".pub").read_text())
        listed.chmod(0o600)
    return key


class OpenSsh(contextlib.ExitStack):
    """sshd and ssh as Debian ships them: its sshd_config, the three host keys, PAM."""

    name = "ssh"

    def __init__(
        self, workspace: Path, place: Place | None = None, options: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.ssh, self.sshd = tool("ssh", "openssh-client"), tool("sshd", "openssh-server")
        self.place, self.options = place or Place(workspace), list(options)
        self.home = workspace / f"ssh-{self.place.address}"
        self.errors = self.home / "client.log"
        self.env = clean_env(self.home)
        self.key = user_key(workspace)

    def __enter__(self) -> OpenSsh:
        self.home.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            # What the service's unit does; sshd refuses to start without it.
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        port = free_port()
        self._write_host_keys(port)
        config = self._write_server_config(port)
        argv = [*self.place.server_prefix, self.sshd, "-D", "-e", "-f", str(config)]
        log = self.home / "server.log"
        self.server = self.enter_context(Server(argv, "Server listening", log))
        self._write_client_config(port)
        return self

    def _write_host_keys(self, port: int) -> None:
        known = []
        for kind in ("rsa", "ecdsa", "ed25519"):
            key = self.home / f"host_{kind}"
            if not key.exists():
                run_quietly(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(key)])
            public = key.with_suffix(".pub").read_text().split()
            known.append(f"[{self.place.address}]:{port} {public[0]} {public[1]}\n")
        (self.home / "known_hosts").write_text("".join(known))

    def _write_server_config(self, port: int) -> Path:
        config = self.home / "sshd_config"
        config.write_text(
            f"Port {port}\nListenAddress {self.place.address}\nPidFile none\n"
            + "".join(f"HostKey {self.home}/host_{kind}\n" for kind in ("rsa", "ecdsa", "ed25519"))
            + f"AuthorizedKeysFile {self.key.parent}/authorized_keys\n"
            + "KbdInteractiveAuthentication no\nUsePAM yes\nX11Forwarding yes\nPrintMotd no\n"
            + "AcceptEnv LANG LC_*\nSubsystem sftp /usr/lib/openssh/sftp-server\n"
        )
        return config

    def _write_client_config(self, port: int) -> None:
        system_wide = Path("/etc/ssh/ssh_config")
        (self.home / "ssh_config").write_text(
            f"Port {port}\nIdentityFile {self.key}\nUserKnownHostsFile {self.home}/known_hosts\n"
            + "StrictHostKeyChecking yes\nBatchMode yes\n"
            + (f"Include {system_wide}\n" if system_wide.exists() else "")
        )

    def command(self, remote: str) -> list[str]:
        config = str(self.home / "ssh_config")
        argv = [self.ssh, "-F", config, *self.options, self.place.address, remote]
        return [*self.place.client_prefix, *argv]


class Dropbear(contextlib.ExitStack):
    """dropbear and dbclient, the small SSH implementation; loopback only."""

    name = "dropbear"

    def __init__(self, workspace: Path) -> None:
        super().__init__()
        self.dbclient = tool("dbclient", "dropbear-bin")
        self.dropbear = tool("dropbear", "dropbear-bin")
        self.dropbearkey = tool("dropbearkey", "dropbear-bin")
        if os.geteuid() != 0:
            # Debian 12's has no option for the place of the file; Place puts another there.
            raise Unavailable("dropbear reads the account's own authorized_keys; only root can "
                              "give it another without touching that one")  # fmt: skip
        self.place = Place(workspace)
        self.home = workspace / "dropbear"
        self.errors = self.home / "client.log"
        self.env = clean_env(self.home)

    def __enter__(self) -> Dropbear:
        self.home.mkdir(exist_ok=True, mode=0o700)
        host_key, self.key = self.home / "host_key", self.home / "id_dropbear"
        for path in (host_key, self.key):
            path.unlink(missing_ok=True)
            run_quietly([self.dropbearkey, "-t", "ed25519", "-f", str(path)])
        self._authorize(self.key)
        self.port = free_port()
        argv = [*self.place.server_prefix, self.dropbear, "-F", "-E", "-r", str(host_key)]
        argv += ["-p", f"127.0.0.1:{self.port}", "-P", str(self.home / "pid")]
        server = Server(argv, "Not backgrounding", self.home / "server.log")
        self.server = self.enter_context(server)
        return self

    def _authorize(self, key: Path) -> None:
        listing = run_quietly([self.dropbearkey, "-y", "-f", str(key)])
        public = next(line for line in listing.splitlines() if line.startswith("ssh-ed25519 "))
        authorized = self.place.home / ".ssh" / "authorized_keys"
        authorized.parent.mkdir(exist_ok=True, mode=0o700)
        authorized.write_text(public + "\n")
        authorized.chmod(0o600)

    def command(self, remote: str) -> list[str]:
        argv = [self.dbclient, "-y", "-i", str(self.key), "-p", str(self.port)]
        return [*argv, "root@127.0.0.1", remote]


class Nigh(contextlib.ExitStack):
    """nigh serve in user mode, and nigh run."""

    name = "nigh"

    def __init__(
        self, program: Path, workspace: Path, place: Place | None = None, listen: str | None = None
    ) -> None:
        super().__init__()
        if not program.exists():
            raise Unavailable(f"{program} is not built: run ./dev build")
        self.program, self.place = str(program), place or Place(workspace)
        self.listen = listen or self.place.address
        self.home = workspace / f"nigh-{self.place.address}"
        self.errors = self.home / "client.log"
        self.env = clean_env(self.home)
        self.key = user_key(workspace)

    def __enter__(self) -> Nigh:
        self.home.mkdir(exist_ok=True, mode=0o700)
        host_key = self.home / "host_key"
        if not host_key.exists():
            run_quietly(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(host_key)])
        log = self.home / "server.log"
        argv = [self.program, "serve", "--listen", f"{self.listen}:0"]
        argv += ["--authorized-keys", str(self.key.parent / "authorized_keys")]
        argv += ["--host-key", str(host_key)]
        server = Server([*self.place.server_prefix, *argv], "ready", log, self.env)
        self.server = self.enter_context(server)
        listening = re.search(r"listening on \S+:(\d+)", log.read_text())
        if listening is None:
            raise CaseFailed(f"nigh serve does not say where it listens: {tail(log)}")
        self.port = int(listening.group(1))
        return self

    @property
    def host(self) -> str:
        return f"{self.place.address}:{self.port}"

    def command(self, remote: str) -> list[str]:
        return self.command_for([self.host], remote)

    def command_for(self, hosts: Sequence[str], remote: str) -> list[str]:
        argv = [self.program, "run", "--identity", str(self.key), "--accept-new", *hosts]
        return [*self.place.client_prefix, *argv, "--", remote]

    def token(self) -> str:
        """A bearer token for this server."""
        argv = [self.program, "token", "--identity", str(self.key), "--accept-new", self.host]
        words = run_quietly([*self.place.client_prefix, *argv], env=self.env).split()
        if not words:
            raise CaseFailed("nigh token printed nothing")
        return str(words[-1])


class KeptNigh(Nigh):
    """nigh run over a connection that an earlier command has left open."""

    name = "nigh, kept connection"

    def __init__(self, program: Path, workspace: Path, place: Place | None = None) -> None:
        super().__init__(program, workspace, place)
        self.home = workspace / f"nigh-kept-{self.place.address}"
        self.errors = self.home / "client.log"
        self.env = clean_env(self.home)

    def __enter__(self) -> KeptNigh:
        super().__enter__()
        self.callback(subprocess.run, [self.program, "disconnect", "--all"], env=self.env)
        run_quietly(self.command("true"), env=self.env)
        return self

    def command_for(self, hosts: Sequence[str], remote: str) -> list[str]:
        argv = super().command_for(hosts, remote)
        at = argv.index("run") + 1
        return [*argv[:at], "--share", *argv[at:]]
