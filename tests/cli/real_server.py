"""A tenured of its own for a test."""
import json
import os
import pathlib
import signal
import subprocess
import time

SOURCE = pathlib.Path(os.environ["TENURE_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["TENURE_BINARY_DIR"])
TENURED, TENURE = BUILD / "bin" / "tenured", BUILD / "bin" / "tenure"


class Server:
    """A tenured of its own: an empty data folder, port 0, the clock in January 2018."""

    def __init__(self, folder, rules=SOURCE / "rules" / "default", extra=""):
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "tenured.yaml"
        self.config.write_text(f"""
listen: 127.0.0.1:0
data_dir: {self.folder / 'data'}
rules: {rules}
clock: {{start: 2018-01-03T16:00:00Z, rate: 1}}
drain: 2s
{extra}""")
        self.start()

    def start(self):
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        self.log = open(self.folder / "log", "a+")
        self.process = subprocess.Popen([TENURED, "--config", self.config, "--port-file", port_file],
                                        stderr=self.log)
        deadline = time.monotonic() + 60
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.log.seek(0)
                said = self.log.read()
                self.log.close()
                raise AssertionError("tenured did not start:\n" + said)
            time.sleep(0.02)
        self.address = f"127.0.0.1:{port_file.read_text().strip()}"

    def stop(self, by=signal.SIGTERM):
        self.process.send_signal(by)
        code = self.process.wait(timeout=30)
        self.log.close()
        return code

    def run(self, *arguments):
        return subprocess.run([TENURE, "--server", self.address, *map(str, arguments)],
                              capture_output=True, text=True)

    def json(self, *arguments):
        done = self.run(*arguments, "--json")
        if done.returncode != 0:
            raise AssertionError(f"tenure {arguments}: {done.stderr}")
        return json.loads(done.stdout)
