// Copies what pages load from npm packages into web/static/vendor/NAME-VERSION/ and writes vendor.json (digest, licence).
// `node tools/vendor.mjs` writes, `node tools/vendor.mjs --check` fails if the committed files differ by one byte.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const target = "web/static/vendor";

// The icons of the pages; each page writes a word beside its icon.
const icons = [
  "archive", "arrow-left", "arrow-right", "banknote", "bell", "calculator", "check", "chevron-left", "chevron-right",
  "circle-alert", "circle-check", "clipboard-check", "clock", "coffee", "columns-2", "download", "eye", "file-text", "hand",
  "house", "key-round", "landmark",
  "languages", "list-checks", "lock", "log-in", "log-out", "mic", "mic-off", "monitor-check", "pause", "pen-line",
  "play", "refresh-cw", "search", "shield-check", "signal", "triangle-alert", "upload", "user-check", "users", "video",
  "video-off", "volume-2", "vote", "zoom-in", "zoom-out",
];

// Character maps of Chinese fonts that a PDF names without bringing them; other scripts do not occur in bids.
const chinese = /^(Adobe-(GB1|CNS1)|B5|CNS|ETen|GB|HK|Uni(GB|CNS))/;
const maps = readdirSync("node_modules/pdfjs-dist/cmaps").filter((name) => chinese.test(name));

/** @type {Record<string, string[]>} package → files that a page loads; scans need the decoders, which run without WebAssembly */
const files = {
  "pdfjs-dist": [
    "legacy/build/pdf.min.mjs", "legacy/build/pdf.worker.min.mjs", "LICENSE",
    "standard_fonts/FoxitDingbats.pfb", "standard_fonts/FoxitSymbol.pfb", "standard_fonts/LICENSE_FOXIT",
    "wasm/jbig2_nowasm_fallback.js", "wasm/openjpeg_nowasm_fallback.js", "wasm/LICENSE_JBIG2", "wasm/LICENSE_OPENJPEG",
    ...maps.map((name) => `cmaps/${name}`), "cmaps/LICENSE",
  ],
  "lucide-static": ["LICENSE"],
};

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;

function sprite() {
  const symbols = icons.map((name) => {
    const svg = readFileSync(`node_modules/lucide-static/icons/${name}.svg`, "utf8");
    const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>[\s\S]*$/, "").replace(/\s*\n\s*/g, "");
    return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
}

/** @returns {Map<string, Buffer>} */
function wanted() {
  const made = new Map();
  for (const [name, list] of Object.entries(files)) {
    for (const file of list) {
      made.set(`${name}-${version(name)}/${file.replace("legacy/build/", "")}`, readFileSync(`node_modules/${name}/${file}`));
    }
  }
  made.set(`lucide-static-${version("lucide-static")}/icons.svg`, Buffer.from(sprite()));
  const digests = [...made].map(([path, body]) => [path, createHash("sha256").update(body).digest("hex")]);
  const licences = Object.keys(files).map((name) => [
    `${name}-${version(name)}`,
    JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).license,
  ]);
  const list = { files: Object.fromEntries(digests.sort()), licences: Object.fromEntries(licences.sort()) };
  made.set("vendor.json", Buffer.from(`${JSON.stringify(list, null, 2)}\n`));
  return made;
}

const made = wanted();
if (process.argv.includes("--check")) {
  for (const [path, body] of made) {
    if (!readFileSync(join(target, path)).equals(body)) throw new Error(`${path} is not what the package holds`);
  }
} else {
  rmSync(target, { recursive: true, force: true });
  for (const [path, body] of made) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), body);
  }
}
