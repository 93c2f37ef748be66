"""The product's own programs as the demo calls them: a server per act, and `tenure` for all else."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 15


class Failed(Exception):
    """A step went wrong; the text names the command and what it said."""


def dim(text):
    return f"\033[2m{text}\033[0m" if sys.stdout.isatty() else text


def show(command):
    print(dim("$ " + command))


def run(command, env=None, cwd=None):
    """Standard output of a command; Failed with its error otherwise."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=cwd, check=False)
    except OSError as error:
        raise Failed(f"{command[0]} can't be run: {error}") from error
    if done.returncode != 0:
        raise Failed(f"this failed with status {done.returncode}:\n  {' '.join(command)}\n{done.stderr.strip()}")
    return done.stdout


class Server:
    """One tenured on a free loopback port, with an empty data folder under `folder`."""

    def __init__(self, binaries, folder, rules, clock):
        self.binaries = binaries
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "tenured.yaml"
        self.log = self.folder / "tenured.log"
        self.port_file = self.folder / "port"
        self.pid_file = self.folder / "pid"
        self._stop_kept()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.config.write_text(f"listen: 127.0.0.1:0\ndata_dir: data\nrules: {pathlib.Path(rules).resolve()}\n"
                               f"log_level: info\nclock: {{start: {clock}, rate: 0}}\n")
        self.process = None
        self.port = 0

    def start(self):
        command = [str(self.binaries / "tenured"), "--config", str(self.config), "--port-file", str(self.port_file)]
        with open(self.log, "wb") as log:
            # A session of its own: Ctrl-C reaches the demo, which stops the server.
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        self.pid_file.write_text(str(self.process.pid))
        until = time.monotonic() + START_TIMEOUT_S
        while not self.port_file.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise Failed(f"tenured did not start:\n  {' '.join(command)}\n{self.log.read_text().strip()}")
            time.sleep(0.02)
        self.port = int(self.port_file.read_text())

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.pid_file.unlink(missing_ok=True)

    def tenure(self, arguments, shown=None):
        """Asks the server by `tenure … --json`; `shown` is printed instead of the arguments."""
        show("tenure " + (shown or " ".join(arguments)))
        env = dict(os.environ, TENURE_SERVER=f"127.0.0.1:{self.port}")
        return json.loads(run([str(self.binaries / "tenure"), "--json", *arguments], env=env))

    def _stop_kept(self):
        """Stops a server that an earlier demo left up on this folder."""
        with contextlib.suppress(OSError, ValueError):
            pid = int(self.pid_file.read_text())
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if str(self.config).encode() not in command:
                return
            os.kill(pid, signal.SIGTERM)
            until = time.monotonic() + STOP_TIMEOUT_S
            while pathlib.Path(f"/proc/{pid}").exists() and time.monotonic() < until:
                time.sleep(0.05)
