"""A real browser for the page's tests; its console and its requests are watched."""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM, DRIVER = (shutil.which(name) for name in ("chromium", "chromedriver"))
_FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
_REFUSED = "Failed to load resource: the server responded with a status of"


class Browser:
    """What the tests do with a page: look for what is shown, press keys, change the screen."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, base: str) -> None:
        self.driver.get(base + "/")
        self.screen(1280, 900)
        self.dark(False)

    def all(self, selector: str, text: str = "") -> list[Any]:
        """The elements shown that match and hold the text."""
        # not the driver's own `is_displayed`, which lays out all of a long page and would be measured with it
        found = self.js(
            "return [...document.querySelectorAll(arguments[0])].filter((element) =>"
            " element.checkVisibility({ visibilityProperty: true }) && element.innerText.includes(arguments[1]))",
            selector,
            text,
        )
        return list(found)

    def one(self, selector: str, text: str = "", seconds: float = 10.0) -> Any:
        """The first of them, waited for."""
        deadline = time.monotonic() + seconds
        while not (found := self.all(selector, text)):
            assert time.monotonic() < deadline, f"never shown: {selector} {text!r}; {self.text('main')[:2000]}"
            time.sleep(0.02)
        return found[0]

    def text(self, selector: str) -> str:
        return str(self.js("return document.querySelector(arguments[0])?.innerText ?? ''", selector))

    def js(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def promise(self, body: str, *arguments: Any) -> Any:
        """What an async function of this body returns, `given` being the arguments; a string where it throws."""
        call = f"(async (given) => {{ {body} }})([...arguments])"
        return self.driver.execute_async_script(f"{call}.then(arguments[arguments.length - 1], String)", *arguments)

    def write(self, field: str, text: str) -> None:
        """At once, as pasting does."""
        script = "const [id, text] = arguments; const field = document.getElementById(id); field.value = text;"
        self.js(f"{script} field.dispatchEvent(new Event('input'))", field, text)

    def read(self, text: str, **fields: str) -> None:
        """Send an article and wait for its result."""
        self.write("article-text", text)
        for name, value in fields.items():
            self.write(f"article-{name}", value)
        self.one("#read").click()
        self.one("#result")

    def press(self, *keys: str) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        chain = ActionChains(self.driver)
        for key in keys:
            chain = chain.send_keys(key)
        chain.perform()

    @property
    def focused(self) -> Any:
        return self.driver.switch_to.active_element

    @property
    def focused_text(self) -> str:
        # asked in one go: between two calls the page may draw it anew
        return str(self.js("return document.activeElement?.innerText ?? ''"))

    def screen(self, width: int, height: int) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def dark(self, on: bool) -> None:
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def hosts(self) -> set[str]:
        """The hosts asked since this was last called."""
        entries = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        sent = [e["params"]["request"]["url"] for e in entries if e["method"] == "Network.requestWillBeSent"]
        return {urlsplit(url).netloc for url in sent if urlsplit(url).scheme in ("http", "https", "ws", "wss")}

    def complaints(self) -> list[str]:
        """What the console has said since this was last called, but for answers of the service other than 200."""
        return [e["message"] for e in self.driver.get_log("browser") if _REFUSED not in e["message"]]


def select(page: Browser, words: str) -> None:
    """Select these words of the article, as the mouse would; without the words of its buttons."""
    page.js(
        """
        const walker = document.createTreeWalker(document.getElementById("article"), NodeFilter.SHOW_TEXT);
        let nodes = [];
        while (walker.nextNode()) nodes.push(walker.currentNode);
        nodes = nodes.filter((node) => !node.parentElement.closest("button"));
        const start = nodes.map((node) => node.data).join("").indexOf(arguments[0]);
        const at = (offset) => {
          let before = 0;
          for (const node of nodes) {
            if (offset <= before + node.length) return [node, offset - before];
            before += node.length;
          }
        };
        getSelection().setBaseAndExtent(...at(start), ...at(start + arguments[0].length));
        """,
        words,
    )


@contextmanager
def browser() -> Iterator[Browser]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="the page's tests need selenium (the dev extra)")
    if not CHROMIUM or not DRIVER:
        pytest.skip("the page's tests need chromium and chromedriver")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    profile = tempfile.mkdtemp()
    for flag in [*_FLAGS.split(), f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.set_script_timeout(20)
    try:
        yield Browser(driver)
    finally:
        driver.quit()
        shutil.rmtree(Path(profile), ignore_errors=True)
