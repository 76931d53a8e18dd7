// <case-alarms case="E-1" alarms='[{"code":"disk-full","seat":"","track":""}]' words='{"disk-full":"磁盘已满",…}'>: what the
// recorder and the media plane have to say of a case, on the pages of those who run the room; told at once, kept until it passes.
//
// alarms  as the page found them; words  code → sentence. What the server drew inside stands until the first news.

import { icon, made } from "../icons.js";
import { announce } from "../shell.js";
import { say } from "../words.js";
import { Line } from "./room-wall-line.js";

/** @typedef {{ code: string, seat: string, track: string, over?: boolean }} Alarm */

class CaseAlarms extends HTMLElement {
  /** @type {Map<string, Alarm>} */ #alarms = new Map();
  /** @type {Line | null} */ #line = null;

  connectedCallback() {
    for (const alarm of JSON.parse(this.getAttribute("alarms") ?? "[]")) this.#alarms.set(keyOf(alarm), alarm);
    this.#line = new Line(this.getAttribute("case") ?? "");
    this.#line.addEventListener("message", (event) => this.#take(/** @type {CustomEvent} */ (event).detail));
    this.#line.open();
  }

  disconnectedCallback() {
    this.#line?.close();
  }

  /** @param {import("./room-wall-line.js").Message} message */
  #take(message) {
    if (message.t === "state") this.#replace(/** @type {Alarm[]} */ (message["alarms"]));
    else if (message.t === "alarm") this.#hear(/** @type {any} */ (message));
  }

  /** @param {Alarm[]} alarms */
  #replace(alarms) {
    const next = new Map(alarms.map((alarm) => [keyOf(alarm), alarm]));
    if ([...next.keys()].join() === [...this.#alarms.keys()].join()) return;
    // What began while the line was down is said as well.
    const began = [...next].filter(([key]) => !this.#alarms.has(key)).map(([, alarm]) => this.#words(alarm));
    if (began.length) announce(began.join(say("；")), "alert");
    this.#alarms = next;
    this.#show();
  }

  /** @param {Alarm} alarm */
  #hear(alarm) {
    if (alarm.over) this.#alarms.delete(keyOf(alarm));
    else this.#alarms.set(keyOf(alarm), alarm);
    announce(alarm.over ? "" : this.#words(alarm), "alert");
    this.#show();
  }

  #show() {
    const rows = [...this.#alarms.values()].map((alarm) => made("li", {}, icon("triangle-alert"), this.#words(alarm)));
    const calm = made("p", {}, icon("circle-check"), say("录制没有报警。"));
    this.replaceChildren(rows.length ? made("ul", { class: "alarms" }, ...rows) : calm);
  }

  /** @param {Alarm} alarm */
  #words({ code, seat }) {
    /** @type {Record<string, string>} */
    const words = JSON.parse(this.getAttribute("words") ?? "{}");
    return `${words[code] ?? code} ${seat}`.trim();
  }
}

/** @param {Alarm} alarm */
function keyOf({ code, seat, track }) {
  return `${seat}/${track}/${code}`;
}

customElements.define("case-alarms", CaseAlarms);
