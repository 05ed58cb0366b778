"""The page in a real browser: light, dark and narrow, without a request, an error or a sideways scroll."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report_archive import write_archive

from quotestance.service.report.options import ReportOptions
from quotestance.service.report.report_command import report

webdriver = pytest.importorskip("selenium.webdriver", reason="the page in a browser needs selenium (the dev extra)")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    write_archive(folder / "scored", count=80)
    options = ReportOptions(min_statements=1)
    assert report(folder / "scored", str(folder / "report.html"), options, overwrite=False) == 0
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (1200, "dark"), (360, "light")])
def test_page(browser: Any, address: str, width: int, scheme: str) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.get_log("performance")
    browser.get(address)
    browser.execute_script("document.querySelectorAll('details').forEach(it => it.open = true)")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    shown = "return [...document.querySelectorAll('figure svg')].filter(it => it.getBoundingClientRect().width).length"
    figures = browser.execute_script("return document.querySelectorAll('figure').length")
    assert figures == 5
    assert browser.execute_script(shown) in (figures, 4 * figures)  # of each picture the one that fits
    dark = "return getComputedStyle(document.body).backgroundColor"
    red = int(browser.execute_script(dark).split("(")[1].split(",")[0])
    assert red < 60 if scheme == "dark" else red > 200
    assert browser.get_log("browser") == []
    requests = [entry["message"] for entry in browser.get_log("performance") if "requestWillBeSent" in entry["message"]]
    assert requests
    assert not [message for message in requests if '"url":"http' in message]


def test_keyboard_reaches_the_tables(browser: Any, address: str) -> None:
    browser.get(address)
    keys = webdriver.Keys.TAB
    body = browser.find_element("tag name", "body")
    body.send_keys(keys)
    assert browser.execute_script("return document.activeElement.className") == "skip"
    reached = set()
    for _ in range(12):
        browser.switch_to.active_element.send_keys(keys)
        reached.add(browser.execute_script("return document.activeElement.tagName"))
    assert {"A", "SUMMARY"} <= reached


def test_page_file_is_small(address: str) -> None:
    assert Path(address.removeprefix("file://")).stat().st_size < 1_000_000
