/**
 * Builds everything the pages load into static/build: styles, scripts and the icon sprite; and the type of labels.
 *
 * Names are plain; production adds hashes when it collects the static files.
 */
import { copyFile, mkdir, readFile, rename, rm, watch, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import * as esbuild from "esbuild";
import * as sass from "sass";

const SOURCES = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.dirname(SOURCES);
const TARGET = path.join(ROOT, "static", "build");
const MODULES = path.join(ROOT, "node_modules");
/** Files are made here first, so that a failed build leaves the last good one in place. */
const WORKSHOP = path.join(ROOT, "var", "front-end");

const STYLES = ["app", "backoffice"];
const SCRIPTS = ["theme", "app", "backoffice", "calendar", "charts", "repairs", "public", "kiosk", "sw"];
/** Loaded by a script when it needs them. */
const PARTS = ["qr-reader"];
const BROWSERS = ["chrome100", "firefox100", "safari15"];

/** Bootstrap 5.3 is still written with @import; its own warnings tell us nothing. */
const SASS_OPTIONS = {
  loadPaths: [MODULES],
  quietDeps: true,
  silenceDeprecations: ["import"],
};

async function buildStyle(name) {
  const source = path.join(SOURCES, "scss", `${name}.scss`);
  const { css } = await sass.compileAsync(source, SASS_OPTIONS);
  const { code } = await esbuild.transform(css, {
    loader: "css",
    minify: true,
    legalComments: "inline",
    target: BROWSERS,
  });
  await writeFile(path.join(WORKSHOP, `${name}.css`), code);
}

/**
 * FullCalendar brings its arrows as a font inside its styles, which our content security policy refuses. We show
 * plain arrows instead, so the font is left out rather than asked for and blocked on every page.
 */
const withoutIconFont = {
  name: "without-icon-font",
  setup(build) {
    build.onLoad({ filter: /@fullcalendar[\\/]core[\\/]internal-common\.js$/ }, async ({ path: file }) => {
      const source = await readFile(file, "utf8");
      const contents = source.replace(/@font-face\s*\{[^}]*\}/, "");
      if (contents === source) throw new Error("FullCalendar has no icon font any more: drop this step");
      return { contents, loader: "js" };
    });
  },
};

async function buildScripts(names, format) {
  await esbuild.build({
    entryPoints: names.map((name) => path.join(SOURCES, "js", `${name}.js`)),
    outdir: WORKSHOP,
    bundle: true,
    plugins: [withoutIconFont],
    format,
    minify: true,
    target: BROWSERS,
    logLevel: "warning",
  });
}

/** One <symbol> per icon, taken from the file that Bootstrap Icons ships for it. */
async function iconSymbol(name) {
  const file = path.join(MODULES, "bootstrap-icons", "icons", `${name}.svg`);
  const svg = await readFile(file, "utf8");
  const shapes = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
  return `<symbol id="${name}" viewBox="0 0 16 16">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
}

async function buildIcons() {
  const names = JSON.parse(await readFile(path.join(SOURCES, "icons.json"), "utf8"));
  const symbols = await Promise.all(names.map(iconSymbol));
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
  await writeFile(path.join(WORKSHOP, "icons.svg"), sprite);
}

/** The server sets labels in it; pages do not load it. Its licence goes along. */
async function copyType() {
  const source = path.join(MODULES, "dejavu-fonts-ttf");
  const target = path.join(WORKSHOP, "fonts");
  await mkdir(target, { recursive: true });
  await copyFile(path.join(source, "ttf", "DejaVuSans-Bold.ttf"), path.join(target, "DejaVuSans-Bold.ttf"));
  await copyFile(path.join(source, "LICENSE"), path.join(target, "LICENSE.txt"));
}

async function buildAll() {
  const started = performance.now();
  await rm(WORKSHOP, { recursive: true, force: true });
  await mkdir(WORKSHOP, { recursive: true });
  await Promise.all([...STYLES.map(buildStyle), buildScripts(SCRIPTS, "iife"), buildScripts(PARTS, "esm"), buildIcons(), copyType()]);
  await rm(TARGET, { recursive: true, force: true });
  await mkdir(path.dirname(TARGET), { recursive: true });
  await rename(WORKSHOP, TARGET);
  console.log(`static/build written in ${Math.round(performance.now() - started)} ms`);
}

async function rebuildOnChange() {
  for await (const change of watch(SOURCES, { recursive: true })) {
    console.log(`changed: ${change.filename}`);
    await buildAll().catch((error) => console.error(error.message));
  }
}

await buildAll();
if (process.argv.includes("--watch")) await rebuildOnChange();
