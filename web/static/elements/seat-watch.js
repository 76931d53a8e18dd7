// <seat-watch address="/cases/E-1/now" state="…" say="…">: asks what the member is asked to do, every few seconds.
// On the member's own page (`reload`) a change brings the page anew; elsewhere it is said, and nothing typed is touched.
// Sends `bid:paused` {paused} when work is paused and when it goes on.

import { renew } from "../renewing.js";
import { announce } from "../shell.js";
import { say } from "../words.js";

const EVERY_MS = 3000;
const ATTEMPT_MS = 5000;

class SeatWatch extends HTMLElement {
  #timer = 0;
  #isCut = false;
  #isPaused = this.hasAttribute("paused");

  connectedCallback() {
    this.#timer = setInterval(() => void this.#ask(), EVERY_MS);
    document.querySelector("form.leave")?.addEventListener("submit", () => this.#rememberCell());
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
  }

  /** Who leaves the seat comes back to the cell that was open: the grids keep it behind the address. */
  #rememberCell() {
    const page = /** @type {HTMLInputElement | null} */ (document.querySelector("form.leave input[name=page]"));
    if (page && !page.value.includes("#")) page.value += location.hash;
  }

  async #ask() {
    try {
      const answer = await fetch(this.getAttribute("address") ?? "", {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(ATTEMPT_MS),
      });
      if (answer.ok) this.#take(await answer.json());
    } catch {
      this.#isCut = true;
      announce(say("网络中断，正在重新连接。您填写的内容还在页面上，请不要关闭窗口。"), "alert");
    }
  }

  /** @param {{ state: string, paused: boolean, ahead: number, say: string, done: number, of: number }} told */
  #take(told) {
    if (this.#isCut) {
      this.#isCut = false;
      announce("", "alert");
      announce(say("网络已恢复。"));
    }
    if (told.paused !== this.#isPaused) {
      this.#isPaused = told.paused;
      this.dispatchEvent(new CustomEvent("bid:paused", { detail: { paused: told.paused }, bubbles: true }));
    }
    if (told.ahead) announce(say("正在签名：前面还有 %(ahead)s 位，请稍候，不要关闭页面。", { ahead: told.ahead }));
    const count = document.getElementById("count");
    if (count) count.textContent = `${told.done} / ${told.of}`;
    if (told.say === this.getAttribute("say") && told.state === this.getAttribute("state")) return;
    if (this.hasAttribute("reload") && !renew()) return;
    this.setAttribute("say", told.say);
    this.setAttribute("state", told.state);
    if (!this.hasAttribute("reload")) {
      const now = document.querySelector("p.now");
      if (now) now.textContent = told.say;
      announce(told.say);
    }
  }
}

customElements.define("seat-watch", SeatWatch);
