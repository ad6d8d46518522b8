# SPDX-License-Identifier: Apache-2.0
"""A throw-away home directory with an SSH key in it, and the environment of who lives there."""
import os
import pathlib
import shutil
import subprocess


def make_key(path, kind="ed25519", comment="test", *options):
    """A key pair made by ssh-keygen, without a passphrase; the path of the private half."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", comment, "-f", path, *options],
                   check=True, stdin=subprocess.DEVNULL)
    return pathlib.Path(path)


class Home:
    """A home at a short path (sockets below it must fit in 108 bytes). Files may be added freely;
    `env` is what every nigh process of the test gets, and may be changed before it starts."""

    def __init__(self, root, extra_env):
        self.root = pathlib.Path(root)
        self.ssh = self.root / ".ssh"
        self.config_file = self.root / ".config/nigh/config.toml"
        self.server_config = self.root / ".config/nigh/server.toml"
        self.known_hosts = self.ssh / "known_hosts"
        self.authorized_keys = self.ssh / "authorized_keys"
        for folder in (self.ssh, self.config_file.parent, self.root / "run"):
            folder.mkdir(parents=True, mode=0o700)
        self.key = make_key(self.ssh / "id_ed25519")
        self.host_key = make_key(self.root / "host_key", comment="host")
        shutil.copy(self.public_key, self.authorized_keys)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.root),
            "USER": os.environ.get("USER", "root"),
            "LOGNAME": os.environ.get("LOGNAME", os.environ.get("USER", "root")),
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "XDG_CONFIG_HOME": str(self.root / ".config"),
            "XDG_STATE_HOME": str(self.root / ".local/state"),
            "XDG_DATA_HOME": str(self.root / ".local/share"),
            "XDG_CACHE_HOME": str(self.root / ".cache"),
            "XDG_RUNTIME_DIR": str(self.root / "run"),
            **extra_env,
        }

    @property
    def public_key(self):
        return self.key.with_suffix(".pub")

    def host_public_key(self):
        """Type and base64 of the host key, as they stand in known_hosts."""
        return " ".join(self.host_key.with_suffix(".pub").read_text().split()[:2])

    def add_host(self, name, port, address="127.0.0.1"):
        """Makes `name` mean this server, in the configuration of nigh."""
        with self.config_file.open("a") as config:
            config.write(f'[host.{name}]\nhostname = "{address}"\nport = {port}\n')

    def trust(self, port, address="127.0.0.1"):
        """Adds the host key to known_hosts for this server."""
        with self.known_hosts.open("a") as known:
            known.write(f"[{address}]:{port} {self.host_public_key()}\n")
