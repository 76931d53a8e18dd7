// <count-down until="2026-11-25T01:02:03Z" now="2026-11-25T00:00:00Z">: how long until then, to the minute; the last in seconds.
//
// `now` is the server's clock when the page was made: an office computer's own may be wrong.

import { made } from "../icons.js";
import { say } from "../words.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * How far this computer's clock is behind the server's, in ms.
 * @param {string} now
 */
export function clockOffset(now) {
  return new Date(now).getTime() - Date.now();
}

/**
 * @param {number} ms
 * @returns {string}
 */
export function inWords(ms) {
  if (ms <= 0) return say("时间已到");
  if (ms < MINUTE) return say("还有 %(seconds)s 秒", { seconds: Math.ceil(ms / SECOND) });
  const minutes = Math.floor((ms % HOUR) / MINUTE);
  if (ms < HOUR) return say("还有 %(minutes)s 分钟", { minutes });
  return say("还有 %(hours)s 小时 %(minutes)s 分钟", { hours: Math.floor(ms / HOUR), minutes });
}

/**
 * @param {string} until
 * @param {string} now
 */
export function countDown(until, now) {
  const element = document.createElement("count-down");
  element.setAttribute("until", until);
  element.setAttribute("now", now);
  return element;
}

class CountDown extends HTMLElement {
  /** @type {number | undefined} */ #ticking;

  connectedCallback() {
    const offset = clockOffset(this.getAttribute("now") ?? "");
    const until = new Date(this.getAttribute("until") ?? "").getTime();
    const words = made("strong");
    this.replaceChildren(words);
    const tick = () => {
      const text = inWords(until - Date.now() - offset);
      if (words.textContent !== text) words.textContent = text;
    };
    tick();
    this.#ticking = window.setInterval(tick, SECOND);
  }

  disconnectedCallback() {
    clearInterval(this.#ticking);
  }
}

customElements.define("count-down", CountDown);
