// The vendored PDF reader under this site's content policy: its worker by the policy `bid`, no WebAssembly, no eval.

import { openWorker } from "../trusted.js";

const reader = "vendor/pdfjs-dist-6.5.438/";
const folder = new URL(`../${reader}`, import.meta.url).href;

/**
 * The part of the reader that is used here.
 * @typedef {{ width: number, height: number, convertToViewportPoint(x: number, y: number): number[] }} Viewport
 * @typedef {{ str: string, transform: number[], width: number, height: number, hasEOL: boolean }} TextItem
 * @typedef {{
 *   getViewport(wanted: { scale: number }): Viewport,
 *   getTextContent(): Promise<{ items: TextItem[] }>,
 *   render(wanted: object): { cancel(): void, promise: Promise<void> },
 * }} Sheet
 * @typedef {{ numPages: number, getPage(number: number): Promise<Sheet>, close(): Promise<void> }} PdfDocument
 */

/** @type {Promise<any> | undefined} */
let loading;

/** The reader, loaded with the first document. Its address is computed, for its own types are no concern here. */
function load() {
  loading ??= import(`${folder}pdf.min.mjs`);
  return loading;
}

/**
 * Open a document of this site. Rejects with an error that carries `status` when the server refuses it.
 * @param {string} address
 * @returns {Promise<PdfDocument>}
 */
export async function openDocument(address) {
  const { PDFWorker, getDocument } = await load();
  const port = openWorker(`${reader}pdf.worker.min.mjs`);
  const worker = new PDFWorker({ port });
  const task = getDocument({
    url: address,
    worker,
    cMapUrl: `${folder}cmaps/`,
    standardFontDataUrl: `${folder}standard_fonts/`,
    wasmUrl: `${folder}wasm/`,
    useWasm: false,
    useSystemFonts: true,
    enableXfa: false,
    stopAtErrors: false,
  });
  const close = async () => {
    await task.destroy();
    worker.destroy();
    port.terminate();
  };
  try {
    const opened = await task.promise;
    return { numPages: opened.numPages, getPage: (number) => opened.getPage(number), close };
  } catch (fault) {
    await close();
    throw fault;
  }
}
