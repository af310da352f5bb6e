// Checks exported pages with Chromium, axe and html-validate: accessibility in a window and on a phone, validity, no
// request, no overflow, folds open on paper, and the time that 5,000 turns take to load.
//
// apt-get install chromium
// npm install --prefix /tmp/html axe-core html-validate puppeteer-core
// NODE_PATH=/tmp/html/node_modules node tests/data/check_html_in_chromium.mjs target/debug/unspool

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

const require = createRequire(join(process.env.NODE_PATH, "_"));
const puppeteer = (await import(require.resolve("puppeteer-core"))).default;
const { HtmlValidate } = require("html-validate");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const program = process.argv[2];
const folder = mkdtempSync(join(tmpdir(), "pages-"));
const exported = (name, ...args) => {
  const path = join(folder, `${name}.html`);
  execFileSync(program, ["export", ...args, "-o", path, "--quiet"], { stdio: ["ignore", "ignore", "inherit"] });
  return path;
};

const bodies = ["assets/demo", "tests/fixtures/nasty"]
  .flatMap((place) => readdirSync(place).filter((name) => name.endsWith(".json")).map((name) => join(place, name)))
  .filter((path) => /"messages": ?\[/.test(readFileSync(path, "utf8")));
const validator = new HtmlValidate({ root: true, extends: ["html-validate:recommended"] });
const browser = await puppeteer.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
let faults = 0;
const report = (page, fault) => { faults += 1; console.log(`${basename(page)}: ${fault}`); };

const nextFrame = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));

async function open(path, width, scheme) {
  const page = await browser.newPage();
  // axe is a script, which the page's own policy refuses.
  await page.setBypassCSP(true);
  await page.setViewport({ width, height: 800 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  page.on("request", (request) => request.url().startsWith("file:") || report(path, `requests ${request.url()}`));
  const start = performance.now();
  await page.goto(`file://${path}`, { waitUntil: "load" });
  await nextFrame(page);
  return { page, seconds: (performance.now() - start) / 1000 };
}

for (const [index, body] of bodies.entries()) {
  const path = exported(`${index}-${basename(body, ".json")}`, body, "--payloads", "all");
  for (const result of (await validator.validateFile(path)).results) {
    for (const message of result.messages) report(path, `line ${message.line}: ${message.ruleId}: ${message.message}`);
  }
  for (const [width, scheme] of [[1400, "light"], [375, "dark"]]) {
    const { page } = await open(path, width, scheme);
    await page.evaluate(axe);
    // What is folded is checked, too.
    await page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));
    for (const found of violations) report(path, `${width} px: ${found.id}: ${found.nodes[0].html.slice(0, 160)}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (overflow > 0) report(path, `${width} px: ${overflow} px too wide`);
    await page.close();
  }
  const { page } = await open(path, 800, "light");
  await page.emulateMediaType("print");
  await nextFrame(page);
  const folded = await page.evaluate(() => [...document.querySelectorAll("details > :not(summary)")]
    .filter((part) => !part.checkVisibility({ contentVisibilityAuto: true })).length);
  if (folded > 0) report(path, `${folded} parts stay folded on paper`);
  await page.close();
}

const long = exported("long", "--demo", "demo-5000");
const { page, seconds } = await open(long, 1400, "light");
const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime / 1000);
console.log(`${bodies.length} pages; 5,000 turns: first paint ${paint.toFixed(2)} s, loaded ${seconds.toFixed(2)} s`);
if (seconds >= 2) report(long, "takes 2 s or more to load");
await browser.close();
console.log(faults === 0 ? "clean" : `${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
