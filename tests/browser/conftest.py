"""A real browser, and the page of a planted run in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.conftest import lacking
from tests.unit.report.planted_run import write_run

from glm.report.page import build_page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium without a window; in CI it must be there."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        lacking("chromium is not on PATH; tests/browser/install.sh brings it, as root")
    with sync_playwright() as playwright:
        # its sandbox refuses to run as root
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """index.html of a planted run."""
    run, figures = write_run(tmp_path_factory.mktemp("planted"))
    config = {"run": "planted", "seed": 11}
    page = build_page(run, figures, config, {"train_glm": 4}, seed=11)
    path = run / "report" / "index.html"
    path.write_text(page, encoding="utf-8")
    return path


class Opened:
    """A page that was opened, what it asked for, and what its console said."""

    def __init__(self, context: BrowserContext, path: Path) -> None:
        self.errors: list[str] = []
        self.asked: list[str] = []
        context.set_default_timeout(90_000)  # other work may run beside
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console",
            lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else 0,
        )
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector(".explore[data-ready=true]", timeout=90_000)


@pytest.fixture
def opened(browser: Browser, page_file: Path) -> Iterator[Opened]:
    """The page on a wide screen, with no network."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True)
    yield Opened(context, page_file)
    context.close()


@pytest.fixture
def on_phone(browser: Browser, page_file: Path) -> Iterator[Opened]:
    """The page on a phone, in the dark."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, offline=True, color_scheme="dark", is_mobile=True
    )
    yield Opened(context, page_file)
    context.close()
