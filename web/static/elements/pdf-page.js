// <pdf-page src="/cases/E-2026-0001/documents/<sha256>" page="12">: one page of a document at a time.
//
// src   address of a PDF of this site; changing it opens another document, without it nothing is shown
// page  the page shown, from 1; changing it turns to that page, and it is kept up to date
// find  words to go to, as if they were typed into the search
// Zoom 100 to 400 %, page by number or button, search through the whole document, marks on what was found.
// A document is read here and nowhere else: no download, no print, no copying of its text.
// The page loads elements/pdf-page.js and elements/pdf-page.css. Sends `bid:page` {page, pages} when a page is on
// screen, `bid:pdf-failed` {status} when a document cannot be opened; status 423 means that work is paused.

import { button, made } from "../icons.js";
import { say } from "../words.js";
import { openDocument } from "./pdf-page-document.js";
import { TextSearch } from "./pdf-page-search.js";

/** @typedef {import("./pdf-page-document.js").PdfDocument} PdfDocument */

const ZOOMS = [100, 125, 150, 200, 300, 400];
const MOST_PIXELS = 16_000_000;
const PAUSED = 423;

class PdfPage extends HTMLElement {
  static observedAttributes = ["src", "page", "find"];

  /** @type {HTMLInputElement} */ #number = made("input", { type: "text", inputmode: "numeric", class: "number" });
  #count = made("span", { class: "count" });
  /** @type {HTMLSelectElement} */ #zoom = made("select", { "aria-label": say("缩放") });
  /** @type {HTMLInputElement} */ #sought = made("input", { type: "search", "aria-label": say("查找文字") });
  #hits = made("span", { class: "hits", role: "status" });
  #view = made("div", { class: "view", tabindex: "0", role: "group" });
  #sheet = made("div", { class: "sheet" });
  #canvas = made("canvas");
  #marks = made("div", { class: "marks", "aria-hidden": "true" });
  #back = button("chevron-left", say("上一页"), () => this.#turn(this.page - 1));
  #forth = button("chevron-right", say("下一页"), () => this.#turn(this.page + 1));
  /** @type {PdfDocument | null} */ #document = null;
  /** @type {TextSearch | null} */ #search = null;
  /** Counts what was asked for, so that a late answer to an earlier wish is dropped. */
  #wish = 0;
  /** @type {{ cancel(): void, promise: Promise<void> } | null} */ #drawing = null;
  #width = new ResizeObserver(() => void this.#draw());

  get page() {
    return Number.parseInt(this.getAttribute("page") ?? "1", 10) || 1;
  }

  connectedCallback() {
    if (!this.childElementCount) this.#build();
    this.#width.observe(this.#view);
    void this.#open();
  }

  disconnectedCallback() {
    this.#width.disconnect();
    this.#wish += 1;
    void this.#document?.close();
    this.#document = null;
  }

  /**
   * @param {string} name
   * @param {string | null} former
   * @param {string | null} value
   */
  attributeChangedCallback(name, former, value) {
    if (!this.isConnected || former === value) return;
    if (name === "src") void this.#open();
    else if (name === "page") void this.#draw();
    else void this.#findGiven();
  }

  #build() {
    for (const zoom of ZOOMS) this.#zoom.append(made("option", { value: String(zoom) }, `${zoom}%`));
    this.#number.setAttribute("aria-label", say("页码"));
    const pages = made("form", { class: "pages" }, this.#back, this.#number, this.#count, this.#forth);
    pages.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#turn(Number.parseInt(this.#number.value, 10));
    });
    const search = made("form", { class: "search", role: "search" }, this.#sought, this.#hits);
    search.insertBefore(made("button", {}, say("查找")), this.#hits);
    search.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#find();
    });
    this.#zoom.addEventListener("change", () => void this.#draw());
    this.#sheet.append(this.#canvas, this.#marks);
    this.#view.append(this.#sheet);
    for (const name of ["contextmenu", "copy", "dragstart"]) {
      this.#view.addEventListener(name, (event) => event.preventDefault());
    }
    this.#view.addEventListener("keydown", (event) => this.#onKey(event));
    this.append(made("div", { class: "bar" }, pages, this.#zoom, search), this.#view);
  }

  async #open() {
    const wish = ++this.#wish;
    const src = this.getAttribute("src");
    await this.#document?.close();
    if (wish !== this.#wish) return;
    this.#document = this.#search = null;
    this.#hits.textContent = "";
    if (!src) return this.#notice(say("暂停期间文件已隐藏。"));
    this.#notice(say("正在打开文件…"));
    try {
      const opened = await openDocument(new URL(src, location.href).href);
      if (wish !== this.#wish) return void opened.close();
      this.#document = opened;
      this.#search = new TextSearch(opened);
      this.#notice("");
      await this.#draw();
      await this.#findGiven();
    } catch (fault) {
      const status = fault instanceof Error && "status" in fault ? Number(fault.status) : 0;
      if (wish !== this.#wish) return;
      this.#notice(
        status === PAUSED
          ? say("评标暂停，文件暂时不能打开；恢复后请重新打开。")
          : say("文件打不开。请刷新页面重试，仍不行请叫工作人员。"),
      );
      this.dispatchEvent(new CustomEvent("bid:pdf-failed", { detail: { status }, bubbles: true }));
    }
  }

  /** @param {string} words shown instead of a page, empty for none */
  #notice(words) {
    this.#view.querySelector("p")?.remove();
    this.#sheet.hidden = words !== "";
    if (words) this.#view.append(made("p", { role: "status" }, words));
  }

  /** @param {number} page */
  #turn(page) {
    const last = this.#document?.numPages ?? 1;
    const wanted = Math.min(Math.max(Number.isFinite(page) ? page : this.page, 1), last);
    this.#view.scrollTop = 0;
    this.setAttribute("page", String(wanted));
    this.#number.value = String(wanted);
  }

  async #draw() {
    const opened = this.#document;
    if (!opened || !this.#view.clientWidth) return;
    const wish = ++this.#wish;
    const number = Math.min(Math.max(this.page, 1), opened.numPages);
    const sheet = await opened.getPage(number);
    if (wish !== this.#wish) return;
    const fitting = this.#view.clientWidth / sheet.getViewport({ scale: 1 }).width;
    const viewport = sheet.getViewport({ scale: (fitting * Number(this.#zoom.value)) / 100 });
    this.#drawing?.cancel();
    await this.#paint(sheet, viewport, number);
    if (wish !== this.#wish) return;
    this.#canvas.textContent = (await this.#search?.textOf(number)) ?? "";
    this.#number.value = String(number);
    this.#count.textContent = `/ ${opened.numPages}`;
    this.#back.disabled = number === 1;
    this.#forth.disabled = number === opened.numPages;
    this.#view.setAttribute(
      "aria-label",
      say("第 %(page)s 页，共 %(pages)s 页", { page: number, pages: opened.numPages }),
    );
    this.#mark(viewport, number);
    this.dispatchEvent(
      new CustomEvent("bid:page", { detail: { page: number, pages: opened.numPages }, bubbles: true }),
    );
  }

  /**
   * @param {import("./pdf-page-document.js").Sheet} sheet
   * @param {import("./pdf-page-document.js").Viewport} viewport
   * @param {number} number
   */
  async #paint(sheet, viewport, number) {
    // Sharp on dense screens, but no canvas so large that a browser refuses it.
    const density = Math.min(window.devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (viewport.width * viewport.height)));
    const canvas = made("canvas", { "data-page": String(number) });
    canvas.width = Math.floor(viewport.width * density);
    canvas.height = Math.floor(viewport.height * density);
    canvas.style.width = this.#sheet.style.width = `${viewport.width}px`;
    canvas.style.height = this.#sheet.style.height = `${viewport.height}px`;
    this.#drawing = sheet.render({ canvas, viewport, transform: [density, 0, 0, density, 0, 0] });
    try {
      await this.#drawing.promise;
    } catch (fault) {
      if (fault instanceof Error && fault.name === "RenderingCancelledException") return;
      throw fault;
    }
    this.#canvas.replaceWith(canvas);
    this.#canvas = canvas;
  }

  async #findGiven() {
    this.#sought.value = this.getAttribute("find") ?? this.#sought.value;
    if (this.hasAttribute("find")) await this.#find();
  }

  async #find() {
    const search = this.#search;
    const words = this.#sought.value.trim();
    if (!search || !words) return;
    this.#hits.textContent = say("正在查找…");
    const hit = await search.next(words, this.page);
    if (search !== this.#search) return;
    this.#hits.textContent = hit
      ? say("第 %(place)s 处，共 %(all)s 处", { place: hit.place + 1, all: hit.all })
      : say("没有找到");
    if (!hit) return void this.#marks.replaceChildren();
    if (hit.page !== this.page) this.#turn(hit.page);
    else await this.#draw();
  }

  /**
   * Put a mark over each match on the page that is shown, the present one apart.
   * @param {import("./pdf-page-document.js").Viewport} viewport
   * @param {number} number
   */
  #mark(viewport, number) {
    const marks = (this.#search?.matchesOn(number) ?? []).flatMap(({ boxes, isPresent }) =>
      boxes.map((box) => {
        const [left = 0, bottom = 0] = viewport.convertToViewportPoint(box.x, box.y);
        const [right = 0, top = 0] = viewport.convertToViewportPoint(box.x + box.width, box.y + box.height);
        const mark = made("span", isPresent ? { class: "present" } : {});
        mark.style.left = `${Math.min(left, right)}px`;
        mark.style.top = `${Math.min(top, bottom)}px`;
        mark.style.width = `${Math.abs(right - left)}px`;
        mark.style.height = `${Math.abs(bottom - top)}px`;
        return mark;
      }),
    );
    this.#marks.replaceChildren(...marks);
    this.#marks.querySelector(".present")?.scrollIntoView({ block: "center", inline: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft" && this.#view.scrollLeft === 0) this.#turn(this.page - 1);
    if (event.key === "ArrowRight" && this.#view.scrollWidth <= this.#view.clientWidth + 1) this.#turn(this.page + 1);
  }
}

customElements.define("pdf-page", PdfPage);
