// <device-check case="E-2026-0001" own="V1-01" csrf="…" next="/cases/E-2026-0001/me">: the check of a seat's equipment.
//
// case, own  code of the case and label of this seat       csrf  the session's token, for the result
// next       the page offered when all is well
// Six steps one after the other, each with one word for its state; a failed one says one sentence and offers one action,
// which does it again. The last publishes picture and sound to the room's own media server and reads what arrived there.
// When all are done the result goes to POST /cases/{case}/device. The page loads elements/device-check.js and .css.
// Sends `bid:checked` {result: {browser, camera, microphone, speaker, media: word}} when the server has kept it.

import { button, icon, made } from "../icons.js";
import { say } from "../words.js";
import { STEPS, StepFault } from "./device-check-steps.js";
import { hold } from "./room-wall-lock.js";

/** @typedef {"waiting" | "running" | "done" | "failed"} State */

const PICTURES = { waiting: "clock", running: "refresh-cw", done: "circle-check", failed: "triangle-alert" };

class DeviceCheck extends HTMLElement {
  #list = made("ol", { class: "steps" });
  #end = made("div", { class: "end", role: "status" });
  /** @type {AbortController} */ #leaving = new AbortController();
  /** @type {import("./device-check-steps.js").Seat} */ #seat = { case: "", own: "", stream: null };
  /** @type {Record<string, string>} */ #result = {};

  connectedCallback() {
    this.#leaving = new AbortController();
    this.#seat = { case: this.getAttribute("case") ?? "", own: this.getAttribute("own") ?? "", stream: null };
    this.#list.replaceChildren(...STEPS.map(({ name }) => this.#row(name())));
    this.replaceChildren(this.#list, this.#end);
    void this.#begin();
  }

  disconnectedCallback() {
    this.#leaving.abort();
    for (const track of this.#seat.stream?.getTracks() ?? []) track.stop();
  }

  async #begin() {
    const name = `bid-room-${this.#seat.case}-${this.#seat.own}`;
    const lost = () => {
      this.#end.replaceChildren(made("p", {}, say("会场窗口正在使用摄像头。请先关闭会场窗口，再重新检测。")));
      this.#end.append(button("refresh-cw", say("重新检测"), () => location.reload()));
    };
    if (await hold(name, false, this.#leaving.signal, lost)) await this.#run(0);
  }

  /** @param {string} name */
  #row(name) {
    const row = made(
      "li",
      {},
      made("span", { class: "state" }),
      made("strong", {}, name),
      made("div", { class: "more" }),
    );
    this.#show(row, "waiting");
    return row;
  }

  /**
   * @param {Element | undefined} row
   * @param {State} state
   */
  #show(row, state) {
    const words = { waiting: say("等待"), running: say("检测中"), done: say("正常"), failed: say("不正常") };
    row?.setAttribute("data-state", state);
    row?.querySelector(".state")?.replaceChildren(icon(PICTURES[state]), words[state]);
  }

  /**
   * This step and all after it; stops where one fails.
   * @param {number} first
   */
  async #run(first) {
    for (const [number, step] of STEPS.entries()) {
      if (number < first) continue;
      const row = this.#list.children[number];
      const more = row?.querySelector(".more");
      if (!row || !more) return;
      this.#show(row, "running");
      more.replaceChildren();
      try {
        Object.assign(this.#result, await step.check(this.#seat, more, this.#leaving.signal));
        this.#show(row, "done");
      } catch (fault) {
        if (this.#leaving.signal.aborted) return;
        if (!(fault instanceof StepFault)) throw fault;
        this.#show(row, "failed");
        more.replaceChildren(
          made("p", { role: "alert" }, fault.message),
          button("refresh-cw", say("再试一次"), () => void this.#run(Math.max(0, number - fault.back))),
        );
        return;
      }
    }
    await this.#keep();
  }

  /** Hand the result in; a server that cannot take it now is asked again by a button. */
  async #keep() {
    const answer = await fetch(`/cases/${encodeURIComponent(this.#seat.case)}/device`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRF-Token": this.getAttribute("csrf") ?? "",
      },
      body: JSON.stringify({ result: this.#result }),
    }).catch(() => null);
    for (const track of this.#seat.stream?.getTracks() ?? []) track.stop();
    for (const picture of this.querySelectorAll("video, meter")) picture.remove();
    if (!answer?.ok) {
      this.#end.replaceChildren(made("p", {}, say("检测结果还没有保存。")));
      this.#end.append(button("refresh-cw", say("再保存一次"), () => void this.#keep()));
      return;
    }
    const onward = made("a", { class: "button primary", href: this.getAttribute("next") ?? "/" }, say("继续"));
    this.#end.replaceChildren(made("p", {}, say("设备全部正常，结果已保存。")), onward);
    onward.focus();
    this.dispatchEvent(new CustomEvent("bid:checked", { detail: { result: this.#result }, bubbles: true }));
  }
}

customElements.define("device-check", DeviceCheck);
