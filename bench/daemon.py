"""A tenured of the build on a free loopback port, and the commands against it."""
import json
import os
import pathlib
import signal
import subprocess
import time

from row import NotMeasured, run

ROOT = pathlib.Path(__file__).resolve().parents[1]
START_TIMEOUT_S = 60


def wait_for(path, process, what):
    until = time.monotonic() + START_TIMEOUT_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise NotMeasured(f"{what} did not start")
        time.sleep(0.002)
    return int(path.read_text())


class Daemon:
    """The default rules, process durability, a clock that stands at ten in the morning of a shop's day."""

    def __init__(self, build, folder):
        self.build = build
        self.folder = folder
        self.journal = folder / "data" / "journal.sqlite"
        self.process = None
        self.port = 0
        (folder / "tenured.yaml").write_text(
            f"listen: 127.0.0.1:0\ndata_dir: data\nrules: {ROOT / 'rules' / 'default'}\ndurability: process\n"
            "log_level: info\nclock: {start: 2018-01-02T15:00:00Z, rate: 0}\n")

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Seconds from the start of the process until it serves."""
        program = self.build / "bin" / "tenured"
        if not program.exists():
            raise NotMeasured(f"{program} is missing")
        port = self.folder / "port"
        port.unlink(missing_ok=True)
        with open(self.folder / "tenured.log", "ab") as log:
            began = time.monotonic()
            self.process = subprocess.Popen([str(program), "--config", str(self.folder / "tenured.yaml"), "--port-file",
                                             str(port)], stdout=log, stderr=log)
        try:
            self.port = wait_for(port, self.process, "tenured")
        except NotMeasured as why:
            self.stop()
            raise NotMeasured(f"{why}: {(self.folder / 'tenured.log').read_text()[-500:]}") from why
        return time.monotonic() - began

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def tenure(self, *arguments):
        text = run(self.build / "bin" / "tenure", "--json", *arguments, env=dict(os.environ, TENURE_SERVER=self.address))
        return json.loads(text)
