// Screenshots of reports at two widths, what a browser complains of, and what axe-core finds.
//
//   npm install --prefix /tmp/pages puppeteer-core axe-core
//   NODE_PATH=/tmp/pages/node_modules node benchmarks/report_pages.mjs OUT_FOLDER report.html ...
//
// CHROMIUM names the browser, /usr/bin/chromium if it is not set. The exit status is 1 where a page scrolls sideways, a
// browser complains, or axe-core finds a fault.

import { createRequire } from "node:module";
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(resolve(process.env.NODE_PATH ?? "node_modules", "x.js"));
const puppeteer = require("puppeteer-core");
const axe = require.resolve("axe-core/axe.min.js");
const [out, ...pages] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
let faults = 0;
for (const page of pages) {
  const name = basename(dirname(resolve(page)));
  for (const width of [1280, 390]) {
    const tab = await browser.newPage();
    const said = [];
    tab.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
    tab.on("pageerror", (error) => said.push(String(error)));
    tab.on("requestfailed", (request) => said.push(`not loaded: ${request.url().slice(0, 80)}`));
    await tab.setViewport({ width, height: 900, deviceScaleFactor: width < 500 ? 2 : 1 });
    await tab.goto(pathToFileURL(resolve(page)).href, { waitUntil: "load" });
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
    await tab.screenshot({ path: `${out}/${name}-${width}.png`, fullPage: true });
    await tab.addScriptTag({ path: axe });
    const found = await tab.evaluate(async () => (await axe.run()).violations);
    const lines = found.map(({ impact, id, nodes }) => `axe ${impact}: ${id}, ${nodes.length} times, ${nodes[0].html.slice(0, 90)}`);
    if (wide > width) lines.push(`scrolls sideways: ${wide} pixels`);
    lines.push(...said);
    faults += lines.length;
    console.log(`${name} at ${width}: ${lines.length ? "\n  " + lines.join("\n  ") : "no fault"}`);
    await tab.close();
  }
}
await browser.close();
process.exit(faults ? 1 : 0);
