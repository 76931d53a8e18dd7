// The strip over a wall that always says how the line fares: whether it is up, how long it has been away, whether there is
// a queue, and that nothing is to be done. It never goes, so that no seat moves when it changes. And the one that asks for
// something.

import { button, icon, made } from "../icons.js";
import { announce } from "../shell.js";
import { say } from "../words.js";

// Why a connection is not made just now though nothing is wrong.
const CROWDED = ["too-many-joins", "request.too_many"];

export class Banner {
  element = made("p", { class: "banner" });
  #wasUp = false;

  constructor() {
    this.#show("entering", say("正在进入会场，您不需要操作。"));
  }

  /** The line is there, and what was waited for. */
  up() {
    if (this.#state === "up") return;
    if (this.#wasUp) announce(say("连接已恢复。"));
    this.#wasUp = true;
    this.#show("up", say("连接正常。"));
  }

  /** @param {string} code why the server made no connection */
  queue(code) {
    if (CROWDED.includes(code)) this.#show("queued", say("进入会场的席位较多，正在排队，您不需要操作。"));
  }

  /** @param {number} seconds how long it has been away */
  count(seconds) {
    if (!this.#wasUp) return;
    if (this.#state === "up") announce(say("连接中断，正在自动恢复，您不需要操作。"));
    this.#show("down", say("连接中断 %(seconds)s 秒，正在自动恢复，您不需要操作。", { seconds }));
  }

  get #state() {
    return this.element.dataset["state"];
  }

  /**
   * @param {"entering" | "up" | "queued" | "down"} state
   * @param {string} words
   */
  #show(state, words) {
    this.element.dataset["state"] = state;
    this.element.replaceChildren(icon(state === "up" ? "signal" : "refresh-cw"), words);
  }
}

/** One sentence over a wall that asks for one act. */
export class Question {
  element = made("div", { class: "source", role: "alert", hidden: "" });

  /**
   * One sentence over the wall, with one action or none; empty to take it away.
   * @param {string} words
   * @param {string} [action]
   * @param {() => void} [act]
   */
  ask(words, action, act) {
    this.element.hidden = !words;
    this.element.replaceChildren(made("p", {}, words));
    if (action && act) this.element.append(button("refresh-cw", action, act));
  }
}
