// <own-code address="/cases/E-1/sign/pledge/screen?batch=…"> around the code of what is read back: computes it from the bytes in
// this page, not by the server's word, and says what the second screen beside this seat shows.
//
// While it asks, the second screen shows the same content; when the page is left, the screen rests. The page holds the
// statements in #statements and loads elements/own-code.js.

import { displayOf, shortCode } from "../short-code.js";
import { announce } from "../shell.js";
import { say } from "../words.js";

/** @typedef {"none" | "away" | "waiting" | "shown" | "differs" | "stale" | "signed"} Screen */

const EVERY_MS = 1000;
const ATTEMPT_MS = 4000;
const ALARMS = new Set(["differs", "stale"]);

class OwnCode extends HTMLElement {
  #timer = 0;
  #isLeft = false;
  #own = ""; // the alarm about this page's own code, which stays

  connectedCallback() {
    void this.#compute();
    void this.#ask();
  }

  disconnectedCallback() {
    this.#isLeft = true;
    clearTimeout(this.#timer);
  }

  async #compute() {
    /** @type {string[]} */ const statements = JSON.parse(document.getElementById("statements")?.textContent ?? "[]");
    const code = shortCode(await displayOf(statements));
    const place = /** @type {HTMLElement} */ (this.querySelector(".check-code"));
    if (place.textContent !== code) this.#own = say("本页自己算出的校验码与系统给出的不同。请不要签名，叫工作人员。");
    place.textContent = code;
    this.setAttribute("computed", "");
    if (this.#own) announce(this.#own, "alert");
  }

  async #ask() {
    try {
      const answer = await fetch(this.getAttribute("address") ?? "", {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(ATTEMPT_MS),
      });
      if (answer.ok) this.#take(await answer.json());
    } catch {
      // <seat-watch> says that the network is cut; here the next question is enough.
    }
    if (!this.#isLeft) this.#timer = setTimeout(() => void this.#ask(), EVERY_MS);
  }

  /** @param {{ screen: Screen, wanted?: boolean }} told */
  #take({ screen, wanted = false }) {
    const before = this.getAttribute("screen");
    if (before === screen) return;
    this.setAttribute("screen", screen);
    const place = /** @type {HTMLElement} */ (this.querySelector(".beside-screen"));
    place.textContent = this.#words(screen, wanted);
    if (ALARMS.has(screen)) announce(place.textContent, "alert");
    else if (ALARMS.has(before ?? "")) announce(this.#own, "alert");
  }

  /**
   * @param {Screen} screen
   * @param {boolean} wanted
   */
  #words(screen, wanted) {
    if (screen === "none") return wanted ? say("本次评标签名前要看第二屏：本席位还没有配对，请叫工作人员。") : "";
    const words = {
      away: say("第二屏没有应答：请看它是否开着；不行就请叫工作人员。"),
      waiting: say("第二屏正在打开同一内容，请稍候。"),
      shown: say("第二屏已显示：请核对两块屏幕的内容和校验码都相同，再输入签名密码。"),
      differs: say("第二屏算出的校验码不同！请不要签名，叫工作人员。"),
      stale: say("内容已变，本页没有签名：请点“返回修改”，重新核对。"),
      signed: say("这份内容已经签名，不用再签。请返回。"),
    };
    return words[screen];
  }
}

customElements.define("own-code", OwnCode);
