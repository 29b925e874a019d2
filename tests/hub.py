"""A local server that speaks the Hugging Face hub's protocol, as its client asks for it.

Seen in huggingface_hub's sources: a revision's commit, the tree of a commit with the SHA-256 of
large files, and HEAD and GET of /resolve/, which leads large files to another place.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from huggingface_hub import constants
from tests.servers import LocalServer, QuietHandler

NAME, COMMIT = "facebook/esm2_tiny", "c0ffee" + 34 * "0"


class Hub(LocalServer):
    """A hub of one model, whose files lie in a folder."""

    def __init__(self, folder: Path, name: str = NAME) -> None:
        super().__init__(Handler)
        self.folder, self.name = folder, name
        self.damaged = False  # whether large files come with a wrong byte


def ask(hub: Hub, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the hub's client ask this one, with a cache of its own."""
    template = f"{hub.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "ENDPOINT", hub.url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))


class Handler(QuietHandler):
    server: Hub

    def respond(self) -> None:
        path = self.path.partition("?")[0]
        folder, name = self.server.folder, self.server.name
        at, store = f"/{name}/resolve/{COMMIT}/", "/cdn/"
        if path == f"/api/models/{name}/revision/main":
            about = {"id": name, "sha": COMMIT, "siblings": []}
            self.answer(200, json.dumps(about).encode())
        elif path == f"/api/models/{name}/tree/{COMMIT}":
            entries = [self.entry(file) for file in sorted(folder.rglob("*")) if file.is_file()]
            self.answer(200, json.dumps(entries).encode())
        elif path.startswith((at, store)):
            file = folder / path.removeprefix(at).removeprefix(store)
            self.send_file(file, path.startswith(store))
        else:
            self.answer(404, b"", {"X-Error-Code": "RepoNotFound"})

    def entry(self, file: Path) -> dict[str, object]:
        """What the tree says of a file."""
        content = file.read_bytes()
        path = str(file.relative_to(self.server.folder))
        found = {"type": "file", "path": path, "size": len(content), "oid": 40 * "1"}
        if file.suffix == ".safetensors":
            found["lfs"] = {
                "oid": hashlib.sha256(content).hexdigest(),
                "size": len(content),
                "pointerSize": 135,
            }
        return found

    def send_file(self, file: Path, from_store: bool) -> None:
        if not file.is_file():
            return self.answer(404, b"", {"X-Error-Code": "EntryNotFound"})
        content = file.read_bytes()
        if file.suffix != ".safetensors":
            tag = hashlib.sha1(content).hexdigest()
            return self.answer(200, content, {"X-Repo-Commit": COMMIT, "ETag": f'"{tag}"'})
        if from_store:
            last = bytes([content[-1] ^ self.server.damaged])
            return self.answer(200, content[:-1] + last)
        path = file.relative_to(self.server.folder)
        headers = {
            "X-Repo-Commit": COMMIT,
            "X-Linked-Size": str(len(content)),
            "X-Linked-ETag": f'"{hashlib.sha256(content).hexdigest()}"',
            # of another host, as the hub's store is: to its own the client would follow at once
            "Location": f"http://localhost:{self.server.server_address[1]}/cdn/{path}",
        }
        return self.answer(302, b"", headers)
