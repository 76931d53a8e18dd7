// <side-by-side> around a [data-pane=paper] and a [data-pane=work]: both beside each other, or one over the whole width.
//
// Where the page is too narrow for two columns the panes are tabs; which is decided by its style alone, in the size of
// its letters. F4 goes to the paper and back to where the hands were.

import { button } from "../icons.js";
import { say } from "../words.js";

const KEPT = "panes";
const SHOWN = /** @type {const} */ (["both", "work", "paper"]);
/** @typedef {(typeof SHOWN)[number]} Shown */

class SideBySide extends HTMLElement {
  /** @type {HTMLElement | null} */ #hands = null;
  /** @type {Map<Shown, HTMLButtonElement>} */ #buttons = new Map();
  #width = new ResizeObserver(() => this.#mark());

  connectedCallback() {
    const bar = /** @type {HTMLElement} */ (this.querySelector(".panes"));
    const words = { both: say("并排"), work: this.getAttribute("work") ?? "", paper: say("文件") };
    const pictures = { both: "columns-2", work: "pen-line", paper: "file-text" };
    for (const shown of SHOWN) {
      const made = button(pictures[shown], words[shown], () => this.#show(shown));
      made.dataset.show = shown;
      this.#buttons.set(shown, made);
    }
    bar.append(...this.#buttons.values());
    this.#show(SHOWN.find((one) => one === sessionStorage.getItem(KEPT)) ?? "both");
    this.addEventListener("bid:paper", () => this.#see("paper"));
    this.addEventListener("keydown", (event) => this.#key(event));
    this.#width.observe(this);
  }

  disconnectedCallback() {
    this.#width.disconnect();
  }

  /** @param {Shown} shown */
  #show(shown) {
    this.dataset.show = shown;
    sessionStorage.setItem(KEPT, shown);
    this.#mark();
  }

  /** Which button is pressed; where two columns have no room, both means the work. */
  #mark() {
    const isNarrow = !this.#buttons.get("both")?.offsetParent;
    const seen = this.dataset.show === "both" && isNarrow ? "work" : this.dataset.show;
    for (const [name, one] of this.#buttons) one.setAttribute("aria-pressed", String(name === seen));
  }

  /** @param {"work" | "paper"} pane that must be seen now */
  #see(pane) {
    if (!this.#pane(pane).offsetParent) this.#show(pane);
  }

  /** @param {string} name */
  #pane(name) {
    return /** @type {HTMLElement} */ (this.querySelector(`[data-pane="${name}"]`));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "F4" || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const paper = this.#pane("paper");
    const here = /** @type {HTMLElement} */ (event.target);
    if (paper.contains(here)) {
      this.#see("work");
      this.#hands?.focus();
    } else {
      this.#hands = here;
      this.#see("paper");
      /** @type {HTMLElement | null} */ (paper.querySelector(".view"))?.focus();
    }
  }
}

customElements.define("side-by-side", SideBySide);
