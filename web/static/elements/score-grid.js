// <score-grid save="/cases/E-1/scores" csrf="…"> around the table of its page: items down, bids across.
//
// Keyboard only (F2 the comment, F4 the bid's document, Ctrl+Enter the button, left of the first cell the item's clause);
// a blank is never a zero; each cell is saved by itself (drafts.js); the position stands in the fragment of the address
// (#c-row-column) and comes back with the page. Figures: score-grid-figures.js.

import { say } from "../words.js";
import { Drafts } from "./drafts.js";
import { guardSubmission, showSaving, showStale } from "./drafts-notes.js";
import { faultOf, millionths, written } from "./score-grid-figures.js";

/** @typedef {import("./score-grid-figures.js").Limits} Limits */
/** @typedef {{ input: HTMLInputElement, row: number, column: number, bid: string, item: string, limits: Limits }} Cell */

class ScoreGrid extends HTMLElement {
  /** @type {Map<string, Cell>} by id of the input, `c-row-column` */ #cells = new Map();
  #drafts = new Drafts(this.getAttribute("save") ?? "", this.getAttribute("csrf") ?? "");
  #comment = /** @type {HTMLElement} */ (this.querySelector(".comment"));
  /** @type {Cell | null} */ #current = null;

  connectedCallback() {
    for (const input of this.querySelectorAll("input[data-bid]")) this.#know(/** @type {HTMLInputElement} */ (input));
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("input", (event) => this.#typed(event));
    this.addEventListener("focusin", (event) => this.#focused(event));
    for (const cell of this.#cells.values()) this.#judge(cell, true);
    for (const body of this.querySelectorAll("tbody")) this.#add(body);
    this.#follow();
    this.#restore();
    addEventListener("hashchange", () => this.#restore());
    this.#count();
  }

  /** @param {HTMLInputElement} input */
  #know(input) {
    const [, row, column] = input.id.split("-").map(Number);
    const {
      item = "",
      min = "0",
      max = "0",
      step = "0",
      below,
      above,
    } = /** @type {HTMLElement} */ (input.closest("tr")).dataset;
    const limits = { min, max, step, below, above };
    this.#cells.set(input.id, {
      input,
      row: row ?? 0,
      column: column ?? 0,
      bid: input.dataset.bid ?? "",
      item,
      limits,
    });
  }

  #follow() {
    for (const clause of /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("tbody th a")))
      clause.tabIndex = -1;
    showSaving(this, this.#drafts);
    guardSubmission(
      this,
      this.#drafts,
      () => this.#faults(),
      () => this.#saves(),
    );
    this.#drafts.addEventListener("saved", (event) => {
      const { key, revision } = /** @type {CustomEvent} */ (event).detail;
      const { cell, field } = this.#of(key);
      cell.input.dataset[field === "score" ? "revision" : "commentRevision"] = String(revision);
    });
    this.#drafts.addEventListener("stale", (event) => {
      const { key, standing } = /** @type {CustomEvent} */ (event).detail;
      this.#differ(key, standing);
    });
    this.#drafts.addEventListener("refused", (event) => {
      const { key, words } = /** @type {CustomEvent} */ (event).detail;
      this.#note(this.#of(key).cell, words);
    });
  }

  /**
   * A key of the queue is `score/` or `comment/` and the id of a cell.
   * @param {string} key
   */
  #of(key) {
    const [field = "", id = ""] = key.split("/");
    return { cell: /** @type {Cell} */ (this.#cells.get(id)), field };
  }

  /** @param {Cell} cell @param {"score" | "comment"} field */
  #put(cell, field) {
    const { input, bid, item } = cell;
    const typed = field === "score" ? input.value : (input.dataset.comment ?? "");
    const revision = Number(field === "score" ? input.dataset.revision : input.dataset.commentRevision);
    this.#drafts.put(`${field}/${input.id}`, { bid, item, field, typed }, revision);
    this.#restate(bid);
  }

  /** @param {Event} event */
  #typed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const cell = this.#cells.get(target.id);
    if (cell) {
      this.#judge(cell, true);
      this.#add(/** @type {HTMLElement} */ (target.closest("tbody")));
      this.#put(cell, "score");
      this.#count();
    } else if (target.id === "comment" && this.#current) {
      this.#current.input.dataset.comment = /** @type {HTMLTextAreaElement} */ (target).value;
      this.#judge(this.#current, true);
      this.#put(this.#current, "comment");
    }
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.id === "comment" && event.key === "Escape") this.#current?.input.focus();
    if (target.matches("tbody th a") && event.key === "ArrowRight") return this.#firstOf(target)?.focus();
    const cell = this.#cells.get(target.id);
    if (!cell || event.isComposing || event.altKey || event.metaKey) return;
    const step = stepOf(event, cell.input);
    if (event.key === "F4") return this.#read(cell);
    if (event.key === "F2") this.querySelector("textarea")?.focus();
    else if (event.key === "Enter" && event.ctrlKey)
      /** @type {HTMLElement | null} */ (this.querySelector("form button"))?.focus();
    else if (step) this.#move(cell, step);
    else return;
    event.preventDefault();
  }

  /**
   * Open the bid of a cell beside the grid; who has it open already stays at its page.
   * @param {Cell} cell
   */
  #read(cell) {
    const link = /** @type {HTMLElement | null} */ (this.querySelector(`#bid-${cell.column} [data-paper]`));
    const desk = /** @type {import("./paper-desk.js").PaperDesk | null} */ (document.querySelector("paper-desk"));
    desk?.open({ paper: link?.dataset.paper ?? "" });
  }

  /**
   * Go to the next cell in a direction that takes typing; the grid ends at its edge.
   * @param {Cell} from
   * @param {[number, number]} step rows, columns
   */
  #move(from, [down, right]) {
    if (from.column + right < 0) return this.#clauseOf(from)?.focus();
    let row = from.row + down;
    let column = from.column + right;
    while (row >= 0 && column >= 0 && row <= this.#cells.size && column <= this.#cells.size) {
      const next = this.#cells.get(`c-${row}-${column}`);
      if (next) return next.input.focus();
      row += down;
      column += right;
    }
  }

  /**
   * Typing goes from cell to cell: Tab passes the clauses by, the left arrow finds them.
   * @param {Cell} cell
   * @returns {HTMLElement | null}
   */
  #clauseOf(cell) {
    return this.querySelector(`#item-${cell.row} a`);
  }

  /**
   * The first cell in the row of a clause.
   * @param {HTMLElement} clause
   * @returns {HTMLElement | null | undefined}
   */
  #firstOf(clause) {
    return clause.closest("tr")?.querySelector("input");
  }

  /** @param {FocusEvent} event */
  #focused(event) {
    const cell = this.#cells.get(/** @type {HTMLElement} */ (event.target).id);
    if (!cell) return;
    this.#current = cell;
    cell.input.select();
    history.replaceState(history.state, "", `#${cell.input.id}`);
    const label = /** @type {HTMLLabelElement} */ (this.#comment.querySelector("label"));
    label.textContent = say("说明（%(name)s）", { name: this.#name(cell) });
    /** @type {HTMLTextAreaElement} */ (this.#comment.querySelector("textarea")).value =
      cell.input.dataset.comment ?? "";
    this.#comment.hidden = false;
  }

  #restore() {
    const cell = this.#cells.get(location.hash.slice(1));
    cell?.input.focus();
  }

  /** @param {Cell} cell */
  #name(cell) {
    const item = this.querySelector(`#item-${cell.row} .item-name`)?.textContent ?? "";
    return `${item} · ${this.querySelector(`#bid-${cell.column} .bid-name`)?.textContent ?? ""}`;
  }

  /** @param {Cell} cell */
  #fault(cell) {
    return faultOf(cell.input.value, cell.input.dataset.comment ?? "", cell.limits);
  }

  /**
   * Say in words what is wrong with a cell; that it is blank is said only at the submission.
   * @param {Cell} cell
   * @param {boolean} whileTyping
   */
  #judge(cell, whileTyping) {
    const fault = this.#fault(cell);
    this.#note(cell, whileTyping && fault === "missing" ? "" : wordsOf(fault, cell.limits));
  }

  /** @param {Cell} cell @param {string} words */
  #note(cell, words) {
    const note = /** @type {HTMLElement} */ (this.querySelector(`#fault-${cell.row}-${cell.column}`));
    note.textContent = words;
    if (words) cell.input.setAttribute("aria-invalid", "true");
    else cell.input.removeAttribute("aria-invalid");
  }

  #saves() {
    const revisions = [...this.#cells.values()].flatMap(({ input }) => [
      input.dataset.revision,
      input.dataset.commentRevision,
    ]);
    return revisions.reduce((sum, revision) => sum + Number(revision), 0);
  }

  #faults() {
    const found = [];
    for (const cell of this.#cells.values()) {
      const fault = this.#fault(cell);
      this.#judge(cell, false);
      if (fault)
        found.push({ id: cell.input.id, words: `${this.#name(cell)}${say("：")}${wordsOf(fault, cell.limits)}` });
    }
    return found;
  }

  /**
   * The sums of one group, in integers; a column with a blank or a wrong cell has none.
   * @param {HTMLElement} body
   */
  #add(body) {
    for (const place of body.querySelectorAll("[data-subtotal]")) {
      const bid = CSS.escape(place.getAttribute("data-subtotal") ?? "");
      const typed = [...body.querySelectorAll(`[data-bid="${bid}"]`)].map((one) =>
        one instanceof HTMLInputElement ? one.value : (one.textContent ?? ""),
      );
      const values = typed.map(millionths);
      place.textContent = values.every((value) => value !== null)
        ? written(values.reduce((sum, value) => /** @type {number} */ (sum) + /** @type {number} */ (value), 0) ?? 0)
        : "—";
    }
  }

  #count() {
    const inputs = [...this.#cells.values()].map((cell) => cell.input);
    const done = inputs.filter((input) => input.value.trim()).length;
    const place = /** @type {HTMLElement} */ (this.querySelector(".progress"));
    place.textContent = inputs.length ? say("已填 %(done)s / %(all)s", { done, all: inputs.length }) : "";
  }

  /**
   * A column that is typed into is a draft again, or blank.
   * @param {string} bid
   */
  #restate(bid) {
    const place = this.querySelector(`.column-state[data-column="${CSS.escape(bid)}"]`);
    const cells = [...this.#cells.values()].filter((cell) => cell.bid === bid);
    const state = cells.some((cell) => cell.input.value.trim()) ? "draft" : "blank";
    if (!place || place.getAttribute("data-state") === state) return;
    place.setAttribute("data-state", state);
    place.textContent = state === "draft" ? say("草稿") : say("未填");
  }

  /** @param {string} key @param {{ typed: string, revision: number }} standing */
  #differ(key, standing) {
    const { cell, field } = this.#of(key);
    const mine = field === "score" ? cell.input.value : (cell.input.dataset.comment ?? "");
    const shown = { key, name: this.#name(cell), standing: standing.typed, mine };
    showStale(this, shown, (choice) => {
      if (choice === "standing") this.#take(cell, field, standing);
      this.#drafts.settle(key, standing.revision, choice);
      cell.input.focus();
    });
  }

  /** @param {Cell} cell @param {string} field @param {{ typed: string, revision: number }} standing */
  #take(cell, field, standing) {
    if (field === "score") cell.input.value = standing.typed;
    else cell.input.dataset.comment = standing.typed;
    cell.input.dataset[field === "score" ? "revision" : "commentRevision"] = String(standing.revision);
    this.#judge(cell, true);
    this.#add(/** @type {HTMLElement} */ (cell.input.closest("tbody")));
  }
}

/**
 * The way an event leads, none if it edits: arrows sideways move only from the edge of what is typed.
 * @param {KeyboardEvent} event
 * @param {HTMLInputElement} input
 * @returns {[number, number] | null}
 */
function stepOf(event, input) {
  const { selectionStart: start, selectionEnd: end, value } = input;
  const isWhole = start === 0 && end === value.length;
  switch (event.key) {
    case "Enter":
      return [event.shiftKey ? -1 : 1, 0];
    case "ArrowDown":
      return [1, 0];
    case "ArrowUp":
      return [-1, 0];
    case "ArrowRight":
      return isWhole || (start === value.length && !event.shiftKey) ? [0, 1] : null;
    case "ArrowLeft":
      return isWhole || (end === 0 && !event.shiftKey) ? [0, -1] : null;
    default:
      return null;
  }
}

/**
 * @param {string} fault
 * @param {Limits} limits
 */
function wordsOf(fault, { min, max, step }) {
  switch (fault) {
    case "missing":
      return say("未填");
    case "no-number":
      return say("不是数字");
    case "out-of-range":
      return say("应为 %(min)s–%(max)s", { min, max });
    case "off-step":
      return say("每档 %(step)s", { step });
    case "comment":
      return say("需要说明（F2）");
    default:
      return "";
  }
}

customElements.define("score-grid", ScoreGrid);
