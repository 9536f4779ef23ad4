"""JupyterLab for a test: a server of its own without a token, a notebook in it, and a cell to ask Python with.

Nothing of the user's is read or written, no other host is asked, and every wait has a limit.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Locator, Page

START = 90  # seconds that the server may take to answer
FOLDERS = (
    "HOME",
    "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
)
OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    "--LabApp.news_url=",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


@contextmanager
def server(home: Path) -> Iterator[str]:
    """Run JupyterLab on the notebooks in ``home/work``; the value is its address.

    Raises
    ------
    RuntimeError
        When it ends or keeps silent; the message holds its log.
    """
    folders = {name: str(home / name.lower()) for name in FOLDERS}
    settings = Path(folders["JUPYTERLAB_SETTINGS_DIR"]) / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}  # else it asks whether it may
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={home / 'work'}", f"--port={port}"]
    address, log = f"http://127.0.0.1:{port}/", home / "log"
    with log.open("wb") as said:
        running = subprocess.Popen(
            [*command, *OPTIONS], env={**os.environ, **folders}, stdout=said, stderr=subprocess.STDOUT
        )
    try:
        limit = time.monotonic() + START
        while not _answers(f"{address}api"):
            if running.poll() is not None or time.monotonic() > limit:
                why = "ended" if running.poll() is not None else f"gave no answer in {START} seconds"
                raise RuntimeError(f"JupyterLab {why}:\n{log.read_text()}")
            time.sleep(0.2)
        yield address
    finally:
        running.terminate()
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def write_notebook(path: Path, cells: Sequence[str]) -> None:
    """Write a notebook with these cells, and an empty one at the end to ask Python with."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(cells=[new_code_cell(c) for c in [*cells, ""]], metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)


class Notebook:
    """An open notebook.

    Parameters
    ----------
    page : Page
        JupyterLab, which shows it.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked = 0
        self.cells = page.locator(".jp-Notebook .jp-CodeCell")

    def menu(self, *names: str) -> None:
        """Choose an entry of a menu, as Run > Run All Cells."""
        for name in names:
            label = f':is(.lm-MenuBar-itemLabel, .lm-Menu-itemLabel):text-is("{name}")'
            self.page.locator(label).last.click()

    def output(self, cell: int) -> Locator:
        """Return what a cell shows."""
        return self.cells.nth(cell).locator(".jp-Cell-outputArea")

    def ask(self, code: str) -> str:
        """Run code in the last cell and return what it prints."""
        self.asked += 1
        end = f"end of answer {self.asked}"
        cell = self.cells.last
        cell.locator(".cm-content").click()
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(f"{code}\nprint({end!r})")
        self.page.keyboard.press("Control+Enter")
        output = cell.locator(".jp-Cell-outputArea")
        output.get_by_text(end).or_(output.get_by_text("Traceback")).first.wait_for()
        said = output.inner_text()
        assert end in said, said
        return said.partition(end)[0].strip()
