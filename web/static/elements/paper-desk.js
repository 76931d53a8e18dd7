// <paper-desk>: a choice of papers and the <pdf-page> that shows one; each paper is found again at the page it was left.
//
// A link of the page with `data-paper` (a digest) opens here, at `data-page` or where the words of `data-find` stand.
// While work is paused nothing is shown. Reading time is told to `clock` (reading-clock.js). Sends `bid:paper` {paper} when a link opened one.

import { ReadingClock } from "./reading-clock.js";

/** @typedef {{ paper: string, page?: string | undefined, find?: string | undefined }} Wish */

export class PaperDesk extends HTMLElement {
  #choice = /** @type {HTMLSelectElement | null} */ (this.querySelector("select"));
  #paper = /** @type {HTMLElement | null} */ (this.querySelector("pdf-page"));
  /** Where each paper was left, by its address. @type {Map<string, string>} */ #left = new Map();
  #leaving = new AbortController();
  /** @type {ReadingClock | undefined} */ #clock;

  connectedCallback() {
    const { signal } = this.#leaving;
    this.#choice?.addEventListener("change", () => this.#show(this.#choice?.value ?? ""), { signal });
    this.addEventListener("bid:page", () => this.#keep(), { signal });
    const [clock, csrf] = [this.getAttribute("clock"), this.getAttribute("csrf") ?? ""];
    if (clock && this.#paper) this.#clock = new ReadingClock(clock, csrf, () => this.#seen());
    document.addEventListener("click", (event) => this.#clicked(event), { signal });
    document.addEventListener("bid:paused", (event) => this.#pause(/** @type {CustomEvent} */ (event).detail.paused), {
      signal,
    });
  }

  disconnectedCallback() {
    this.#clock?.stop();
    this.#leaving.abort();
  }

  /**
   * Open a paper, at a page or at words where they are given, else where it was left. False if it may not be read.
   * @param {Wish} wish
   */
  open({ paper, page, find }) {
    const option = [...(this.#choice?.options ?? [])].find((one) => one.dataset.paper === paper);
    if (!option || !this.#choice) return false;
    this.#choice.value = option.value;
    this.#show(option.value, page, find);
    return true;
  }

  /**
   * @param {string} address
   * @param {string} [page]
   * @param {string} [find]
   */
  #show(address, page, find) {
    if (!this.#paper) return;
    const wanted = page ?? this.#left.get(address) ?? "1";
    this.#paper.removeAttribute("find");
    this.querySelector("a.copy")?.setAttribute("href", address);
    if (this.#paper.getAttribute("src") === address) {
      if (page) this.#paper.setAttribute("page", wanted);
    } else {
      this.#paper.setAttribute("page", wanted);
      this.#paper.setAttribute("src", address);
    }
    if (find) this.#paper.setAttribute("find", find);
  }

  /** The paper that is before somebody's eyes: open, and not behind another tab of the page. */
  #seen() {
    const isShown = this.#paper?.offsetParent && this.#paper.querySelector("canvas[data-page]");
    const address = isShown ? this.#paper?.getAttribute("src") : "";
    return [...(this.#choice?.options ?? [])].find((one) => one.value === address)?.dataset.paper ?? "";
  }

  #keep() {
    const address = this.#paper?.getAttribute("src");
    if (address) this.#left.set(address, this.#paper?.getAttribute("page") ?? "1");
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const link = /** @type {HTMLElement} */ (event.target).closest?.("a[data-paper]");
    if (!(link instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const { paper = "", page, find } = link.dataset;
    if (!this.open({ paper, page, find })) return;
    event.preventDefault();
    this.dispatchEvent(new CustomEvent("bid:paper", { detail: { paper }, bubbles: true }));
  }

  /** @param {boolean} paused */
  #pause(paused) {
    if (!this.#paper) return;
    if (this.#clock) this.#clock.isHeld = paused;
    if (paused) this.#paper.removeAttribute("src");
    else if (!this.#paper.hasAttribute("src")) this.#show(this.#choice?.value ?? "");
    if (this.#choice) this.#choice.disabled = paused;
  }
}

customElements.define("paper-desk", PaperDesk);
