"""A tenured process of a test's own, and the programs that ask it."""
import json
import os
import pathlib
import subprocess
import time

SOURCE = pathlib.Path(os.environ["TENURE_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["TENURE_BINARY_DIR"])
TENURED, TENURE = BUILD / "bin" / "tenured", BUILD / "bin" / "tenure"
LOAD_CLIENT, PROBE = BUILD / "tests" / "load_client", BUILD / "tests" / "probe"
START_TIMEOUT_S = 60
COMMAND_TIMEOUT_S = 240  # a plan on a machine that does much else


class Tenured:
    """On loopback, port 0; its folder has the configuration, the log, the port file and the data."""

    def __init__(self, folder, rules=SOURCE / "rules" / "default", data=None, extra=""):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rules, self.extra = rules, extra
        self.data = pathlib.Path(data or self.folder / "data")
        self.log, self.port_file = self.folder / "log", self.folder / "port"
        self.process = None

    def spawn(self, clock="2018-01-03T16:00:00Z", rate=1):
        """Starts it and does not wait; `clock` is where its time starts."""
        config = self.folder / "tenured.yaml"
        config.write_text(f"listen: 127.0.0.1:0\ndata_dir: {self.data}\nrules: {self.rules}\n"
                          f"clock: {{start: {clock}, rate: {rate}}}\ndrain: 5s\n{self.extra}")
        self.port_file.unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [TENURED, "--config", config, "--port-file", self.port_file], stderr=log)

    def serving(self):
        """Waits until it serves; AssertionError with its log where it does not."""
        until = time.monotonic() + START_TIMEOUT_S
        while not self.port_file.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise AssertionError("tenured did not start:\n" + self.said())
            time.sleep(0.01)
        return self

    def start(self, **clock):
        self.spawn(**clock)
        return self.serving()

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self):
        """A clean stop, which writes a snapshot. Returns the exit code."""
        self.process.terminate()
        return self.process.wait(timeout=60)

    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    @property
    def journal(self):
        return self.data / "journal.sqlite"

    @property
    def address(self):
        return f"127.0.0.1:{self.port_file.read_text().strip()}"

    def run(self, *arguments):
        return subprocess.run([TENURE, "--server", self.address, *map(str, arguments)],
                              capture_output=True, text=True, check=False, timeout=COMMAND_TIMEOUT_S)

    def json(self, *arguments):
        done = self.run(*arguments, "--json")
        if done.returncode != 0:
            raise AssertionError(f"tenure {arguments}: {done.stderr}")
        return json.loads(done.stdout)
