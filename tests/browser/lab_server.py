"""A JupyterLab of its own on a free port, with its folders, settings and notebooks below one
temporary folder. It fetches nothing from the network."""

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time

import proc

SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "docmanager-extension/plugin": {"autosave": False},
    # Cells out of sight must exist too: the tests look at all of them.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "completer-extension/inline-completer": {"providers": {}},
}


class LabServer:
    def __init__(self, base, notebooks):
        self.log = []
        self.lines = queue.Queue()
        settings = base / "settings"
        for name, values in SETTINGS.items():
            path = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1",
            "--ServerApp.port=0", "--IdentityProvider.token=", "--ServerApp.password=",
            "--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={notebooks}",
            f"--LabApp.user_settings_dir={settings}",
            f"--LabApp.workspaces_dir={base / 'workspaces'}",
            "--LabApp.extension_manager=readonly", "--LabApp.news_url=None",
            "--LabApp.expose_app_in_browser=True", "--KernelSpecManager.ensure_native_kernel=False",
        ]
        if os.geteuid() == 0:
            command.append("--allow-root")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._read, daemon=True).start()
        self.url = self._wait_for_url(180 * proc.SLACK)

    def _read(self):
        for line in self.process.stdout:
            self.log.append(line)
            self.lines.put(line)
        self.lines.put(None)

    def _wait_for_url(self, patience):
        deadline = time.monotonic() + patience
        while True:
            try:
                line = self.lines.get(timeout=max(0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                self.close()
                raise RuntimeError("JupyterLab does not start:\n" + "".join(self.log))
            found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
            if found:
                return f"http://127.0.0.1:{found[1]}/lab"

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
