"""The page in a real browser, from a picture to its files; skipped where there is none.

`NUMBADP_BROWSER=1` makes a missing browser a failure, as CI does.  The server runs in a process of
its own, as users start it; its temporary folder is looked into.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from urllib.request import urlopen

import numpy as np
import pytest
from PIL import Image

import numbadp
from numbadp import OptionError
from numbadp.ui import serving
from ui.pictures import photo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
PATIENCE_S = 300
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
BOX = (16, 8, 80, 56)


def test_without_gradio_the_remedy_is_told(monkeypatch):
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    with pytest.raises(OptionError, match="pip install 'numbadp"):
        serving.open_page()


def need_browser():
    """Skip by name, or fail where a browser was promised."""
    missing = [n for n, found in (("chromium", CHROMIUM), ("chromedriver", DRIVER)) if not found]
    for name in ("gradio", "selenium"):
        try:
            __import__(name)
        except ImportError:
            missing.append(name)
    if missing and os.environ.get("NUMBADP_BROWSER") == "1":
        pytest.fail(f"not installed: {', '.join(missing)}")
    if missing:
        pytest.skip(f"a browser's test; not installed: {', '.join(missing)}")


def _heed_interrupts():
    """A shell's background ignores them, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a page, and the temporary folder of its process."""
    need_browser()
    scratch = tmp_path_factory.mktemp("scratch")
    words = [sys.executable, "-W", "ignore", "-m", "numbadp", "ui", "--browser", "no"]
    names = {"TMPDIR": str(scratch), "GRADIO_TEMP_DIR": str(scratch / "gradio")}
    process = subprocess.Popen(
        words, env={**os.environ, **names}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, preexec_fn=_heed_interrupts,
    )  # fmt: skip
    line = process.stdout.readline()
    try:
        yield re.search(r"http://127\.0\.0\.1:\d+/", line)[0], scratch
    finally:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, said


@pytest.fixture
def browser(served, tmp_path):
    """A Chromium without a screen that saves into a folder of its own."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*FLAGS, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    saved = tmp_path / "saved"
    saved.mkdir()
    settings = {"behavior": "allow", "downloadPath": str(saved)}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", settings)
    try:
        driver.get(served[0])
        yield driver
    finally:
        driver.quit()


def wait_for(what):
    """Wait until something is true, and return it."""
    end = time.monotonic() + PATIENCE_S
    while not (found := what()):
        assert time.monotonic() < end, "the page did not answer"
        time.sleep(0.05)
    return found


def find(driver, selector):
    """Wait for an element."""
    return wait_for(lambda: driver.find_elements("css selector", selector))[0]


def text_of(driver, selector="[role=status]"):
    """Return what an element says now."""
    script = f"return document.querySelector('{selector}')?.innerText ?? ''"
    return driver.execute_script(script)


def width_of(driver):
    """Return by how much the page is wider than the window."""
    return driver.execute_script(
        "const page = document.documentElement; return page.scrollWidth - page.clientWidth"
    )


def load(driver, path):
    """Choose a picture, wait for it."""
    find(driver, ".np-drop input").send_keys(str(path))
    find(driver, ".np-full")
    wait_for(lambda: "Nothing is released yet" in text_of(driver))


def draw(driver, box, size):
    """Draw a box with the mouse, in pixels of the picture."""
    from selenium.webdriver import ActionChains

    canvas = find(driver, "canvas")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", canvas)
    scale = canvas.size["width"] / size[0]
    left, top = ((box[i] - size[i] / 2) * scale for i in (0, 1))
    across, down = ((box[i + 2] - box[i]) * scale for i in (0, 1))
    pointer = ActionChains(driver, duration=20).move_to_element_with_offset(canvas, left, top)
    pointer.click_and_hold().move_by_offset(across, down).release().perform()


def press(driver, selector):
    """Press what may lie outside of the window."""
    driver.execute_script("arguments[0].click()", find(driver, selector))


def move(driver, name, power):
    """Move a slider."""
    driver.execute_script(
        "const [slider, value] = arguments; slider.value = value;"
        "for (const kind of ['input', 'change', 'pointerup'])"
        " slider.dispatchEvent(new Event(kind, {bubbles: true}))",
        find(driver, f"#np-{name} input[type=range]"),
        power,
    )


def test_from_a_picture_to_its_files(served, browser, tmp_path):
    """Choose, draw, read what it would spend, release, repaint, download; nothing else is asked."""
    path = tmp_path / "photo.png"
    path.write_bytes(photo())
    load(browser, path)
    draw(browser, BOX, (96, 64))
    drawn = wait_for(lambda: browser.execute_script("return JSON.parse(window.numbadp.boxes())"))
    assert len(drawn) == 1 and np.abs(np.subtract(drawn[0], BOX)).max() <= 1
    wait_for(lambda: "The largest box has" in text_of(browser, "#np-advice"))

    press(browser, "#np-release")
    mosaic = find(browser, "#np-result img").get_attribute("src")
    wait_for(lambda: "Released once: ε = 1 for 16 pixels" in text_of(browser))
    assert "Where the boxes are is public" in text_of(browser, "#np-promise")

    press(browser, "input[type=radio][value=smooth]")
    wait_for(lambda: find(browser, "#np-result img").get_attribute("src") != mosaic)
    assert "Released once" in text_of(browser)  # a style is free

    move(browser, "epsilon", -1)
    wait_for(lambda: "You changed ε: that takes a new release" in text_of(browser))
    assert "spends ε = 1/2 for 16 pixels again" in text_of(browser)

    press(browser, "#np-png")
    press(browser, "#np-dpz")
    saved = tmp_path / "saved"
    wait_for(lambda: {p.name for p in saved.iterdir()} >= {"smooth.png", "release.dpz"})
    release = wait_for(lambda: loaded(saved / "release.dpz"))
    with Image.open(saved / "smooth.png") as picture:
        assert (np.asarray(picture) == release.render("smooth")).all()
    left, top, right, bottom = drawn[0]
    assert release.guarantee.covered == (right - left) * (bottom - top)
    nothing_else_was_asked(browser, served)


def loaded(path):
    """The release, or None while its file is being written."""
    try:
        return numbadp.load(path)
    except numbadp.FileFormatError:
        return None


def nothing_else_was_asked(driver, served):
    """All that was loaded came from this machine, and nothing of the picture is on the disk."""
    address, scratch = served
    names = driver.execute_script(
        "return performance.getEntriesByType('resource').map((each) => each.name)"
    )
    assert [n for n in names if not n.startswith((address, "data:", "blob:"))] == []
    assert [p for p in scratch.rglob("*") if p.is_file()] == []


def test_on_a_phone_the_page_fits(browser, tmp_path):
    """Nothing is wider than 390 pixels, and a wrong file is told."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True},
    )
    wrong = tmp_path / "notes.png"
    wrong.write_text("no picture")
    find(browser, ".np-drop input").send_keys(str(wrong))
    wait_for(lambda: "none of the pictures" in text_of(browser, ".np-wrong"))
    path = tmp_path / "photo.png"
    path.write_bytes(photo((320, 240)))
    load(browser, path)
    press(browser, "#np-release")
    find(browser, "#np-result img")
    assert width_of(browser) <= 0


def test_only_this_machine_is_served(served):
    """The address is the loopback one, and the page names no other host to load from."""
    address, _ = served
    page = urlopen(address, timeout=PATIENCE_S).read().decode()
    loaded_from = re.findall(r"""(?:src|href)=["'](https?://[^"']+)""", page)
    assert [url for url in loaded_from if not url.startswith(address.rstrip("/"))] == []
    assert serving.HOST == "127.0.0.1"
