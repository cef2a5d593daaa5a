#!/usr/bin/env python3
"""Opens the documents that tests/report.rs and tests/onboard.rs have written in a headless Chromium, and looks at them as people would.

Nothing on the console, no request to anywhere, nothing cut, light and dark readable, printed on A4 and Letter, the QR
codes read back. `make browser-test` runs it. Pictures are left beside the documents, for people to look at; with a
second folder named, the pictures of the documentation are made anew there (`tests/browser.py target/tmp/report docs/pictures`).

Needs Chromium (or Chrome) and Python; uses zbarimg, pdftoppm, pdftotext and the Nu HTML checker where they are there,
and says what was skipped. Nothing but the standard library: it speaks the DevTools protocol over a pipe.
"""
import base64
import glob
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile

FOLDER = os.path.abspath(sys.argv[1])
OUT = os.path.join(FOLDER, "pictures")
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
ONBOARDINGS = ["onboarding.html", "onboarding-hostile.html"]
failures, skipped = [], []


def check(fine, words):
    if not fine:
        failures.append(words)
        print("FAIL", words)


def tool(name):
    found = shutil.which(name)
    if not found and name not in skipped:
        skipped.append(name)
        print("SKIPPED what needs", name)
    return found


class Browser:
    """One headless browser, spoken to over a pipe."""

    def __init__(self, program):
        self.home = tempfile.mkdtemp()
        to_read, self.to_write = os.pipe()
        self.to_hear, to_tell = os.pipe()

        def pipes():
            # The child reads commands from 3 and tells on 4; the parent's ends may lie just there.
            spare_in, spare_out = os.dup(to_read), os.dup(to_tell)
            os.dup2(spare_in, 3)
            os.dup2(spare_out, 4)

        quiet = "--headless --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
        flags = quiet.split() + ["--no-first-run", "--hide-scrollbars", "--remote-debugging-pipe"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")
        command = [program, *flags, "--user-data-dir=" + self.home, "about:blank"]
        self.process = subprocess.Popen(
            command, close_fds=False, preexec_fn=pipes, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(to_read)
        os.close(to_tell)
        self.rest, self.number, self.events = b"", 0, []

    def hear(self):
        while b"\0" not in self.rest:
            if not select.select([self.to_hear], [], [], 60)[0]:
                sys.exit("the browser says nothing any more")
            more = os.read(self.to_hear, 1 << 20)
            if not more:
                sys.exit("the browser is gone")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.hear()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


class Page:
    """One document, and all that it did while it was looked at."""

    def __init__(self, browser, path, width=1280, height=900, scale=1):
        self.browser, self.path, self.name = browser, path, os.path.basename(path)
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"]:
            self.ask(domain + ".enable")
        self.size(width, height, scale)
        browser.events.clear()
        self.ask("Page.navigate", url="file://" + path)
        while not any(event.get("method") == "Page.loadEventFired" for event in browser.events):
            browser.events.append(browser.hear())

    def ask(self, method, **parameters):
        return self.browser.ask(method, self.session, **parameters)

    def size(self, width, height, scale=1):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)

    def media(self, scheme):
        self.ask("Emulation.setEmulatedMedia", media="", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def run(self, expression):
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{self.name}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def misdeeds(self):
        """Whatever it said on the console, ran, or asked for."""
        self.run("new Promise(done => setTimeout(done, 200))")
        found = []
        for event in self.browser.events:
            method, told = event.get("method"), event.get("params", {})
            if method in ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"):
                found.append("said: " + json.dumps(told)[:300])
            elif method == "Page.javascriptDialogOpening":
                found.append("ran a script")
                self.ask("Page.handleJavaScriptDialog", accept=True)
            elif method == "Network.requestWillBeSent" and told["request"]["url"] != "file://" + self.path:
                found.append("asked for " + told["request"]["url"])
        return found

    def picture(self, name, **how):
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, **how)
        path = os.path.join(OUT, name + ".png")
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))
        return path

    def prints(self, name, wide, high):
        pdf = self.ask("Page.printToPDF", paperWidth=wide, paperHeight=high, preferCSSPageSize=True, printBackground=False)
        path = os.path.join(OUT, name + ".pdf")
        with open(path, "wb") as file:
            file.write(base64.b64decode(pdf["data"]))
        return path


# The least contrast of any text with what lies behind it (WCAG 2.2, 1.4.3).
CONTRAST = """(() => {
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const clear = c => /, 0\\)$/.test(c);
  let worst = [99, ''];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || e.closest('title, desc')) continue;
    const svg = e.closest('svg') && e.closest('svg') !== e;
    const ink = svg ? getComputedStyle(e).fill : getComputedStyle(e).color;
    let under = e, paper;
    while (under && clear(paper = getComputedStyle(under).backgroundColor)) under = under.parentElement;
    const [a, b] = [light(ink), light(under ? paper : 'rgb(255,255,255)')].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < worst[0]) worst = [ratio, e.className + ' ' + e.textContent.slice(0, 40) + ' ' + ink + ' on ' + paper];
  }
  return worst; })()"""

# Texts of labels that reach over the edge of their area.
OVER = """[...document.querySelectorAll('svg svg text')].map(t => {
  const box = t.getBBox(), area = t.ownerSVGElement.viewBox.baseVal;
  return box.x < -40 || box.x + box.width > area.width + 1 || box.y < -60 || box.y + box.height > area.height + 60
    ? t.textContent + ' ' + [box.x, box.y, box.width, box.height, area.width, area.height].map(Math.round) : null;
}).filter(Boolean)"""

# What reaches furthest to the right.
WIDE = """[...document.querySelectorAll('body *')].sort((a, b) => b.getBoundingClientRect().right - a.getBoundingClientRect().right)
  .slice(0, 5).map(e => e.tagName + '.' + e.className + ' ' + Math.round(e.getBoundingClientRect().right)).join('; ')"""

FOREIGN = "document.querySelectorAll('script, img, iframe, object, embed, link, form, [onload], [onerror], [onmouseover], [style]').length"


def look(browser, name, widths=(1280,)):
    page = Page(browser, os.path.join(FOLDER, name))
    for scheme in ["light", "dark"]:
        page.media(scheme)
        page.picture(f"{os.path.splitext(name)[0]}-{scheme}")
        ratio, where = page.run(CONTRAST)
        if name.endswith(".html") and "label" not in name:
            check(ratio >= 4.5, f"{name}, {scheme}: a contrast of {ratio:.2f}: {where}")
    page.media("light")
    check(page.run(FOREIGN) == 0, f"{name}: foreign elements or attributes")
    for width in widths:
        page.size(width, 900)
        over = page.run("document.documentElement.scrollWidth - innerWidth")
        check(over <= 0, f"{name}: {over} pixels wider than a window of {width}: {page.run(WIDE)}")
    roles = {node.get("role", {}).get("value") for node in page.ask("Accessibility.getFullAXTree")["nodes"]}
    if name.endswith("report.html"):
        page.size(1280, 900)
        for role in ["banner", "navigation", "main", "contentinfo", "region", "table", "columnheader", "rowheader"]:
            check(role in roles, f"{name}: nothing is a {role} to a screen reader")
        check(page.run("getComputedStyle(document.body).maxWidth") != "none", f"{name}: its style was not let in")
    for paper, wide, high in [("a4", 8.27, 11.69), ("letter", 8.5, 11)]:
        if name.endswith(".html"):
            pages(page.prints(f"{os.path.splitext(name)[0]}-{paper}", wide, high), name, paper)
    for misdeed in page.misdeeds():
        check(False, f"{name}: {misdeed}")


def pages(pdf, name, paper):
    """Every printed page says what it is, and its pictures are left to be looked at."""
    if tool("pdftotext"):
        text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
        printed = text.split("\f")[:-1]
        if name == "report.html":
            for number, one in enumerate(printed, 1):
                check(f"Page {number} of {len(printed)}" in one and "head " in one, f"{name}, {paper}: the foot of page {number}")
            check(4 <= len(printed) <= 12, f"{name}, {paper}: {len(printed)} pages")
    if tool("pdftoppm"):
        subprocess.run(["pdftoppm", "-r", "60", "-png", pdf, os.path.splitext(pdf)[0]], check=True)


def decoded(picture):
    """What the codes in a picture say, to a reader that knows what UTF-8 is."""
    told = subprocess.run(["zbarimg", "--quiet", "--raw", picture], capture_output=True, check=False).stdout
    return told.decode("utf-8", "replace").removesuffix("\n")


def labels(browser):
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.svg"))):
        name = os.path.basename(path)
        page = Page(browser, path, 400, 300, 4)
        over = page.run(OVER)
        check(not over, f"{name}: texts reach over the edge: {over}")
        picture = page.picture(name.replace(".svg", ""))
        for misdeed in page.misdeeds():
            check(False, f"{name}: {misdeed}")
        if tool("zbarimg"):
            with open(os.path.join(FOLDER, name.replace(".svg", ".txt")), encoding="utf-8") as file:
                check(decoded(picture) == file.read(), f"{name}: its code does not say what the label says: {decoded(picture)}")
    page = Page(browser, os.path.join(FOLDER, "labels.html"), 1280, 900, 3)
    check(not page.run(OVER), f"labels.html: {page.run(OVER)}")
    size = page.run("(r => [r.width, r.height])(document.querySelector('li > svg').getBoundingClientRect())")
    millimetre = 96 / 25.4
    check(abs(size[0] - 62 * millimetre) < 1 and abs(size[1] - 29 * millimetre) < 1, f"labels.html: not of their real size: {size}")
    if tool("zbarimg"):
        count = page.run("document.querySelectorAll('li').length")
        check(decoded(page.picture("labels")).count("glasskey label 1") == count, "labels.html: not every code can be read")


def canary(browser):
    """The same look must see a page that does what ours must not."""
    path = os.path.join(OUT, "canary.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write("<!DOCTYPE html><title>c</title><img src='http://127.0.0.1:9/x'><script>console.log('ran')</script>")
    found = " ".join(Page(browser, path).misdeeds())
    check("ran" in found and "127.0.0.1:9" in found, f"this test sees nothing: {found}")


def validate():
    jars = glob.glob(os.path.join(os.environ.get("VNU", "target/vnu"), "**", "vnu.jar"), recursive=True)
    if not jars or not shutil.which("java"):
        skipped.append("the Nu HTML checker")
        return
    files = [os.path.join(FOLDER, name) for name in ["report.html", "labels.html", "hostile.html", *ONBOARDINGS]]
    ran = subprocess.run(["java", "-jar", jars[0], "--errors-only", *files], capture_output=True, text=True, check=False)
    check(ran.returncode == 0, "the Nu HTML checker: " + ran.stderr)


def of_documentation(browser, folder):
    """The pictures that the documents show: parts of the report, a printed page, a label."""
    os.makedirs(folder, exist_ok=True)
    page = Page(browser, os.path.join(FOLDER, "report.html"), 1120, 900)
    where = "(s => { const r = document.querySelector(s).getBoundingClientRect(); return [r.left + scrollX, r.top + scrollY, r.width, r.height]; })"
    parts = [("report", "light", "body", 926), ("report-time", "dark", "#time", None), ("report-key", "light", "article.key", None)]
    for name, scheme, selector, most in parts:
        page.media(scheme)
        # What is off the screen is not drawn.
        page.run(f"document.querySelector('{selector}').scrollIntoView()")
        left, top, wide, high = page.run(f"{where}('{selector}')")
        clip = {"x": left - 20, "y": max(0, top - 16), "width": wide + 40, "height": min(high + 32, most or 9999), "scale": 1}
        page.picture(name, clip=clip)
    label = Page(browser, os.path.join(FOLDER, "label.svg"), 240, 115, 3)
    label.picture("label-shown", clip={"x": 0, "y": 0, "width": 235, "height": 110, "scale": 1})
    made = {name: name for name, *_ in parts} | {"label": "label-shown"}
    for name, picture in made.items():
        shutil.copy(os.path.join(OUT, picture + ".png"), os.path.join(folder, name + ".png"))
    if tool("pdftoppm"):
        for name, number in [("report-printed", 1), ("drill-printed", 3)]:
            pdf, target = os.path.join(OUT, "report-a4.pdf"), os.path.join(folder, name)
            page_of = ["-f", str(number), "-l", str(number), "-singlefile", "-scale-to-x", "700", "-scale-to-y", "-1"]
            subprocess.run(["pdftoppm", "-png", *page_of, pdf, target], check=True)
    if tool("pngquant"):
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", "64", *glob.glob(os.path.join(folder, "*.png"))], check=True)


def main():
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program:
        print("SKIPPED: there is no Chromium here")
        return
    shutil.rmtree(OUT, ignore_errors=True)
    os.makedirs(OUT)
    browser = Browser(program)
    try:
        canary(browser)
        look(browser, "report.html", [1280, 768, 360])
        look(browser, "hostile.html")
        look(browser, "labels.html")
        # Written by tests/onboard.rs.
        for name in ONBOARDINGS:
            look(browser, name, [1280, 768, 360])
        labels(browser)
        if len(sys.argv) > 2:
            of_documentation(browser, sys.argv[2])
    finally:
        browser.close()
    validate()
    print(f"{len(failures)} failures; pictures in {OUT}" + (f"; SKIPPED for want of {', '.join(skipped)}" if skipped else ""))
    sys.exit(bool(failures))


main()
