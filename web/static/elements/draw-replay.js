// <draw-replay> around two file fields, a button, a <progress> and an empty .outcome: draws again in this browser.
//
// Fields #transcript and #pool may also be filled by dropping files anywhere on the element. Nothing is sent anywhere:
// a worker reads the files, and the element writes every step, the verdict and whom the lot fell on.
// The page loads elements/draw-replay.js and .css. Sends `bid:replayed` {drawn, difference} when it is done.

import { icon, made } from "../icons.js";
import { openWorker } from "../trusted.js";
import { say } from "../words.js";
import { asked, lookedAt, taken, verdict } from "./draw-replay-words.js";

/** @typedef {import("../draw/worker.js").Report} Report */

const LONGEST_VALUE = 300;

class DrawReplay extends HTMLElement {
  /** @type {Worker | null} */ #worker = null;

  connectedCallback() {
    this.#button.addEventListener("click", () => void this.#begin());
    this.addEventListener("dragover", (event) => event.preventDefault());
    this.addEventListener("drop", (event) => this.#dropped(event));
  }

  disconnectedCallback() {
    this.#worker?.terminate();
  }

  /** @returns {HTMLButtonElement} */
  get #button() {
    return /** @type {HTMLButtonElement} */ (this.querySelector("button"));
  }

  /** @returns {HTMLProgressElement} */
  get #progress() {
    return /** @type {HTMLProgressElement} */ (this.querySelector("progress"));
  }

  /** @returns {HTMLElement} */
  get #outcome() {
    return /** @type {HTMLElement} */ (this.querySelector(".outcome"));
  }

  /** @param {"transcript" | "pool"} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.querySelector(`#${name}`));
  }

  /** @param {DragEvent} event */
  #dropped(event) {
    event.preventDefault();
    for (const file of event.dataTransfer?.files ?? []) {
      const held = new DataTransfer();
      held.items.add(file);
      this.#field(file.name.endsWith(".jsonl") ? "pool" : "transcript").files = held.files;
    }
  }

  async #begin() {
    const transcript = this.#field("transcript").files?.[0];
    const pool = this.#field("pool").files?.[0];
    if (!transcript) {
      this.#outcome.replaceChildren(made("p", { class: "alarm" }, say("请先放入抽取记录文件。")));
      this.#field("transcript").focus();
      return;
    }
    this.#waiting(true);
    try {
      const files = { transcript: await transcript.arrayBuffer(), pool: (await pool?.arrayBuffer()) ?? null };
      this.#worker = openWorker("draw/worker.js");
      this.#worker.addEventListener("message", ({ data }) => this.#heard(data));
      this.#worker.addEventListener("error", () => this.#failed());
      this.#worker.postMessage(files, files.pool ? [files.transcript, files.pool] : [files.transcript]);
    } catch {
      this.#failed();
    }
  }

  /** @param {boolean} waiting */
  #waiting(waiting) {
    this.#button.disabled = waiting;
    this.#progress.hidden = !waiting;
    this.#progress.removeAttribute("value");
    if (waiting) this.#outcome.replaceChildren(made("p", {}, say("正在重新抽取，候选人多时需要几秒钟。")));
  }

  /** @param {{ stage?: string, share?: number, report?: Report }} told */
  #heard({ stage, share = 0, report }) {
    if (!report) {
      this.#progress.value = (stage === "reading" ? 0 : 0.5) + share / 2;
      return;
    }
    this.#end();
    this.#outcome.replaceChildren(...this.#shown(report));
    this.#outcome.focus();
    this.dispatchEvent(
      new CustomEvent("bid:replayed", { detail: { drawn: report.drawn, difference: report.difference } }),
    );
  }

  #failed() {
    this.#end();
    const words = say("浏览器没能读完这两个文件，可能是文件太大。请关闭其他页面再试，或用电脑上的 replay 程序核验。");
    this.#outcome.replaceChildren(made("p", { class: "alarm" }, words));
  }

  #end() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#waiting(false);
  }

  /** @param {Report} report */
  #shown(report) {
    const { about, difference, steps, digest } = report;
    const [what, next] = verdict(report);
    const state = difference ? "differs" : report.drawn ? "agrees" : "partly";
    const picture = { differs: "circle-alert", agrees: "circle-check", partly: "list-checks" }[state];
    return [
      made("h2", {}, say("核验结果")),
      made("p", { class: "verdict", "data-state": state }, icon(picture), made("strong", {}, what)),
      made("p", {}, next),
      ...(difference && about ? [this.#difference(difference)] : []),
      ...(report.chosen.length ? [made("h2", {}, say("抽中的是")), list(report.chosen.map(taken))] : []),
      ...(about ? [made("h2", {}, say("这份记录说的是")), list(asked(report))] : []),
      made("p", {}, say("抽取记录的校验值（SHA-256）")),
      made("p", { class: "code long digest" }, digest),
      ...(about ? [made("h2", {}, say("逐项核对")), this.#steps(steps, about)] : []),
    ];
  }

  /** @param {NonNullable<Report["difference"]>} difference */
  #difference({ stated, found }) {
    const short = (/** @type {import("../draw/canonical.js").Json} */ value) => {
      const whole = typeof value === "string" ? value : JSON.stringify(value);
      return whole.length > LONGEST_VALUE ? `${whole.slice(0, LONGEST_VALUE)}…` : whole;
    };
    return made(
      "dl",
      { class: "facts" },
      made("dt", {}, say("记录写的是")),
      made("dd", { class: "code long" }, short(stated)),
      made("dt", {}, say("重新算得")),
      made("dd", { class: "code long" }, short(found)),
    );
  }

  /**
   * @param {Report["steps"]} steps
   * @param {NonNullable<Report["about"]>} about
   */
  #steps(steps, about) {
    const rows = steps.map(({ field, holds }) => {
      const word = holds ? say("相符") : say("不符");
      const mark = made("span", { class: "mark" }, icon(holds ? "check" : "circle-alert"), word);
      return made("li", { "data-state": holds ? "agrees" : "differs" }, mark, " ", lookedAt(field, about));
    });
    return made("ol", { class: "looked-at" }, ...rows);
  }
}

/** @param {string[]} lines */
function list(lines) {
  return made("ul", {}, ...lines.map((line) => made("li", {}, line)));
}

customElements.define("draw-replay", DrawReplay);
