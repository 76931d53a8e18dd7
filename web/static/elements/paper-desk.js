// <paper-desk>: a choice of papers and the <pdf-page> that shows one; each paper is found again at the page it was left.
//
// A link of the page with `data-paper` (a digest) opens here, at `data-page` or where the words of `data-find` stand.
// While work is paused nothing is shown. Sends `bid:paper` {paper} when a link opened one.

/** @typedef {{ paper: string, page?: string | undefined, find?: string | undefined }} Wish */

export class PaperDesk extends HTMLElement {
  #choice = /** @type {HTMLSelectElement | null} */ (this.querySelector("select"));
  #paper = this.querySelector("pdf-page");
  /** Where each paper was left, by its address. @type {Map<string, string>} */ #left = new Map();
  #leaving = new AbortController();

  connectedCallback() {
    const { signal } = this.#leaving;
    this.#choice?.addEventListener("change", () => this.#show(this.#choice?.value ?? ""), { signal });
    this.addEventListener("bid:page", () => this.#keep(), { signal });
    document.addEventListener("click", (event) => this.#clicked(event), { signal });
    document.addEventListener("bid:paused", (event) => this.#pause(/** @type {CustomEvent} */ (event).detail.paused), {
      signal,
    });
  }

  disconnectedCallback() {
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
    if (this.#paper.getAttribute("src") === address) {
      if (page) this.#paper.setAttribute("page", wanted);
    } else {
      this.#paper.setAttribute("page", wanted);
      this.#paper.setAttribute("src", address);
    }
    if (find) this.#paper.setAttribute("find", find);
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
    if (paused) this.#paper.removeAttribute("src");
    else if (!this.#paper.hasAttribute("src")) this.#show(this.#choice?.value ?? "");
    if (this.#choice) this.#choice.disabled = paused;
  }
}

customElements.define("paper-desk", PaperDesk);
