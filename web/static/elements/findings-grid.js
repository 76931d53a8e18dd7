// <findings-grid save="/cases/E-1/findings" csrf="…"> around the clauses of its page: one bid at a time beside its document.
//
// Each finding is saved by itself (drafts.js). A fail needs ground, reason and page before the sheet can be submitted.
// The clause in hand stands in the fragment of the address and comes back with the page. The fragment names no element:
// a browser that scrolls to one takes the focus away from the fields in it.

import { say } from "../words.js";
import { Drafts } from "./drafts.js";
import { guardSubmission, showSaving, showStale } from "./drafts-notes.js";

const AT = "at-";

/** @typedef {{ pass?: boolean, ground?: string, reason?: string, page?: number }} Finding */

class FindingsGrid extends HTMLElement {
  #drafts = new Drafts(this.getAttribute("save") ?? "", this.getAttribute("csrf") ?? "");
  /** @type {HTMLElement[]} one for each bid */ #bids = [...this.querySelectorAll("section[data-bid]")].map(
    (bid) => /** @type {HTMLElement} */ (bid),
  );

  connectedCallback() {
    this.addEventListener("change", (event) => this.#typed(event));
    this.addEventListener("input", (event) => this.#typed(event));
    this.addEventListener("click", (event) => this.#pressed(event));
    this.addEventListener("focusin", (event) => {
      const clause = /** @type {HTMLElement} */ (event.target).closest("fieldset[data-clause]");
      if (clause) history.replaceState(history.state, "", `#${AT}${clause.id}`);
    });
    this.#follow();
    this.#goTo(location.hash.slice(1 + AT.length));
    this.#count();
  }

  #follow() {
    showSaving(this, this.#drafts);
    guardSubmission(
      this,
      this.#drafts,
      () => this.#faults(),
      () => this.#saves(),
    );
    this.#drafts.addEventListener("saved", (event) => {
      const { key, revision } = /** @type {CustomEvent} */ (event).detail;
      const clause = this.#clause(key);
      clause.dataset.revision = String(revision);
      this.#note(clause, say("已保存"), false);
    });
    this.#drafts.addEventListener("stale", (event) => {
      const { key, standing } = /** @type {CustomEvent} */ (event).detail;
      this.#differ(this.#clause(key), standing);
    });
    this.#drafts.addEventListener("refused", (event) => {
      const { key, words } = /** @type {CustomEvent} */ (event).detail;
      this.#note(this.#clause(key), words, true);
    });
  }

  /** @param {string} id */
  #clause(id) {
    return /** @type {HTMLFieldSetElement} */ (this.querySelector(`#${CSS.escape(id)}`));
  }

  /** @param {Event} event */
  #typed(event) {
    const clause = /** @type {HTMLElement} */ (event.target).closest("fieldset");
    if (!(clause instanceof HTMLFieldSetElement)) return;
    const finding = findingOf(clause);
    /** @type {HTMLElement} */ (clause.querySelector(".fail")).hidden = finding.pass !== false;
    if (finding.pass === undefined) return;
    const bid = /** @type {HTMLElement} */ (clause.closest("[data-bid]")).dataset.bid ?? "";
    const value = { bid, clause: clause.dataset.clause ?? "", finding };
    this.#note(clause, "", false);
    this.#drafts.put(clause.id, value, Number(clause.dataset.revision));
    this.#count();
  }

  /** @param {Event} event */
  #pressed(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const open = target.closest("[data-open]");
    if (open) this.#open(Number(open.getAttribute("data-open")));
    const fault = target.closest(".wrong-cells a");
    if (fault) {
      event.preventDefault();
      this.#goTo(fault.getAttribute("href")?.slice(1) ?? "");
    }
    const field = target.closest(".page-field")?.querySelector("input");
    if (field && target.closest(".take-page")) {
      field.value = this.querySelector("pdf-page")?.getAttribute("page") ?? "1";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (field?.value && target.closest(".go-page")) {
      this.#read(/** @type {HTMLElement} */ (target.closest("[data-bid]")), field.value.normalize("NFKC"));
    }
  }

  /**
   * Open the bid's document, at a page where one is given.
   * @param {HTMLElement} bid
   * @param {string} [page]
   */
  #read(bid, page) {
    const desk = /** @type {import("./paper-desk.js").PaperDesk | null} */ (this.querySelector("paper-desk"));
    if (!desk?.open?.({ paper: bid.dataset.file ?? "", page })) return;
    if (page) desk.dispatchEvent(new CustomEvent("bid:paper", { bubbles: true }));
  }

  /** @param {number} number */
  #open(number) {
    for (const [at, bid] of this.#bids.entries()) {
      bid.hidden = at !== number;
      this.querySelector(`[data-open="${at}"]`)?.setAttribute("aria-pressed", String(at === number));
    }
    const bid = this.#bids[number];
    if (bid) this.#read(bid);
  }

  /** @param {string} id of a clause */
  #goTo(id) {
    const clause = document.getElementById(id);
    if (!clause || !this.contains(clause)) return;
    this.#open(Number(clause.id.split("-")[1]));
    const chosen = clause.querySelector("input:checked") ?? clause.querySelector("input");
    /** @type {HTMLElement | null} */ (chosen)?.focus();
  }

  #count() {
    let done = 0;
    let all = 0;
    for (const [at, bid] of this.#bids.entries()) {
      const clauses = [...bid.querySelectorAll("fieldset")];
      const found = clauses.filter((clause) => findingOf(clause).pass !== undefined).length;
      done += found;
      all += clauses.length;
      const place = this.querySelector(`[data-open="${at}"] .done`);
      if (place) place.textContent = `${found}/${clauses.length}`;
    }
    const place = /** @type {HTMLElement} */ (this.querySelector(".progress"));
    place.textContent = say("已评 %(done)s / %(all)s", { done, all });
  }

  #saves() {
    const clauses = /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("fieldset[data-clause]"));
    return [...clauses].reduce((sum, clause) => sum + Number(clause.dataset.revision), 0);
  }

  #faults() {
    const faults = [];
    for (const bid of this.#bids) {
      for (const clause of bid.querySelectorAll("fieldset")) {
        const fault = faultOf(findingOf(clause));
        if (!fault) continue;
        this.#note(clause, fault, true);
        faults.push({ id: clause.id, words: `${bid.dataset.name ?? ""} · ${legendOf(clause)}${say("：")}${fault}` });
      }
    }
    return faults;
  }

  /** @param {Element} clause @param {string} words @param {boolean} isWrong */
  #note(clause, words, isWrong) {
    const note = /** @type {HTMLElement} */ (clause.querySelector(".cell-note"));
    note.textContent = words;
    note.classList.toggle("wrong-note", isWrong);
  }

  /** @param {HTMLFieldSetElement} clause @param {{ finding: Finding, revision: number }} standing */
  #differ(clause, standing) {
    const name = `${this.#bidOf(clause)} · ${legendOf(clause)}`;
    const shown = { key: clause.id, name, standing: inWords(standing.finding), mine: inWords(findingOf(clause)) };
    showStale(this, shown, (choice) => {
      if (choice === "standing") {
        fill(clause, standing.finding);
        clause.dataset.revision = String(standing.revision);
        this.#count();
      }
      this.#drafts.settle(clause.id, standing.revision, choice);
    });
  }

  /** @param {Element} clause */
  #bidOf(clause) {
    return /** @type {HTMLElement} */ (clause.closest("[data-bid]")).dataset.name ?? "";
  }
}

/**
 * What stands in a clause's fields; a pass has nothing beside it.
 * @param {HTMLFieldSetElement} clause
 * @returns {Finding}
 */
function findingOf(clause) {
  const chosen = /** @type {HTMLInputElement | null} */ (clause.querySelector("[type=radio]:checked"))?.value;
  if (!chosen) return {};
  if (chosen === "pass") return { pass: true };
  /** @param {string} name */
  const typed = (name) => /** @type {HTMLInputElement} */ (clause.querySelector(`[name="${name}"]`)).value.trim();
  const page = Number(typed("page").normalize("NFKC"));
  return {
    pass: false,
    ground: typed("ground"),
    reason: typed("reason"),
    page: Number.isSafeInteger(page) && page > 0 ? page : 0,
  };
}

/** @param {HTMLFieldSetElement} clause @param {Finding} finding */
function fill(clause, finding) {
  for (const radio of clause.querySelectorAll("[type=radio]")) {
    const input = /** @type {HTMLInputElement} */ (radio);
    input.checked = input.value === (finding.pass ? "pass" : "fail");
  }
  for (const name of /** @type {const} */ (["ground", "reason", "page"])) {
    /** @type {HTMLInputElement} */ (clause.querySelector(`[name="${name}"]`)).value = String(finding[name] ?? "");
  }
  /** @type {HTMLElement} */ (clause.querySelector(".fail")).hidden = finding.pass !== false;
}

/** @param {Finding} finding */
function faultOf(finding) {
  if (finding.pass === undefined) return say("未填");
  if (finding.pass) return "";
  return finding.ground && finding.reason && finding.page ? "" : say("不合格要写明情形、理由和页码");
}

/** @param {Finding} finding */
function inWords(finding) {
  if (finding.pass === undefined) return say("未填");
  return finding.pass ? say("合格") : `${say("不合格")} ${finding.reason ?? ""}`;
}

/** @param {Element} clause */
function legendOf(clause) {
  return clause.querySelector("legend")?.firstChild?.textContent?.trim() ?? "";
}

customElements.define("findings-grid", FindingsGrid);
