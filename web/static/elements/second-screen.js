// <second-screen address="/screen/now">: the screen beside a seat. It shows a code to be paired by, rests, or shows what
// its seat is about to sign, with the code that it computes itself from the very bytes it shows.
//
// It asks once a second and says the digest of what it shows; it can say nothing else. The page loads
// elements/second-screen.js and .css.

import { toHex } from "../bytes.js";
import { icon, made } from "../icons.js";
import { displayOf, shortCode } from "../short-code.js";
import { say } from "../words.js";
import { rendered } from "./second-screen-sheet.js";

/** @typedef {import("./second-screen-sheet.js").Given} Given */
/** @typedef {{ state: "pairing", code: string }} Pairing */
/** @typedef {{ state: "rest", seat: string }} Rest */
/** @typedef {Given & { state: "sheet", seat: string, batch: string, seconds: number | null }} Sheet */

const EVERY_MS = 1000;
const ATTEMPT_MS = 4000;
const SAME_SITTING_MS = 60_000; // other content so soon after the last is marked, also if the dialog was closed between
const SECONDS_A_MINUTE = 60;

class SecondScreen extends HTMLElement {
  #shown = { batch: "", shown: "" };
  #view = "";
  #last = { batch: "", at: 0, isChanged: false }; // the content shown last, and when

  connectedCallback() {
    void this.#ask();
  }

  async #ask() {
    try {
      const answer = await fetch(this.getAttribute("address") ?? "", {
        method: "POST",
        body: JSON.stringify(this.#shown),
        headers: { "Content-Type": "application/json", Accept: "application/json" },
        signal: AbortSignal.timeout(ATTEMPT_MS),
      });
      const told = await answer.json();
      if (answer.ok) await this.#take(told);
      else this.#rest(`refused ${told.code}`, "circle-alert", `${told.what} ${told.do}`);
    } catch {
      // What stood here may be out of date by now: nobody should compare with it.
      this.#rest("cut", "circle-alert", say("与服务器的连接中断，正在重新连接。这时请不要签名。"));
    }
    if (this.isConnected) setTimeout(() => void this.#ask(), EVERY_MS);
  }

  /** @param {Pairing | Rest | Sheet} told */
  async #take(told) {
    if (told.state === "pairing") {
      this.#pairing(told.code);
    } else if (told.state === "rest") {
      const words = say("请看座席屏幕。座席上打开签名页面时，这里显示将要签名的内容和校验码。");
      this.#rest(`rest ${told.seat}`, "monitor-check", words, say("席位 %(seat)s 的第二屏", { seat: told.seat }));
    } else {
      await this.#sheet(told);
      const life = this.querySelector(".life");
      if (life) life.textContent = inWords(told.seconds);
    }
  }

  /**
   * What stands here from now on; the same again changes nothing.
   * @param {string} view
   * @param {string} now  what the person is asked to do
   * @param {() => Node[]} children
   */
  #show(view, now, children) {
    if (view === this.#view) return;
    this.#view = view;
    this.setAttribute("state", view.split(" ")[0] ?? "");
    this.replaceChildren(...children());
    const place = document.querySelector("p.now");
    if (place) place.textContent = now;
  }

  /** @param {string} code */
  #pairing(code) {
    this.#shown = { batch: "", shown: "" };
    this.#show(`pairing ${code}`, say("现在请您叫签到台把这块屏幕与座席配对。"), () => [
      made("h1", {}, say("第二屏配对码")),
      made("p", { class: "check-code" }, code),
      made("p", {}, say("签到台的工作人员看过这块屏幕，在签到台页面选好席位，输入这六个字符。")),
    ]);
  }

  /**
   * @param {string} view
   * @param {string} picture
   * @param {string} words
   * @param {string} [title]
   */
  #rest(view, picture, words, title = say("第二屏")) {
    this.#shown = { batch: "", shown: "" };
    this.#show(view, "", () => [made("h1", {}, title), made("p", { class: "empty" }, icon(picture), words)]);
  }

  /** @param {string} batch  whether other content stood here a moment ago, for as long as this one stands */
  #isChanged(batch) {
    const [last, at] = [this.#last, performance.now()];
    const isOther = last.batch !== "" && at - last.at < SAME_SITTING_MS;
    this.#last = { batch, at, isChanged: batch === last.batch ? last.isChanged : isOther };
    return this.#last.isChanged;
  }

  /** @param {Sheet} told */
  async #sheet(told) {
    const isChanged = this.#isChanged(told.batch);
    const display = await displayOf(told.statements);
    const view = `sheet ${told.batch} ${toHex(display)} ${JSON.stringify([told.beside, told.words])}`;
    const nodes = view === this.#view ? [] : await rendered(told);
    this.#show(view, say("现在请您核对：内容和校验码都要与座席屏幕上的相同，再在座席上输入签名密码。"), () => [
      made("h1", {}, say("席位 %(seat)s 将要签名的内容", { seat: told.seat })),
      ...(isChanged ? [changed()] : []),
      made("p", { class: "compare" }, say("校验码"), " ", made("span", { class: "check-code" }, shortCode(display))),
      made("p", { class: "life" }),
      ...nodes,
    ]);
    this.#shown = { batch: told.batch, shown: toHex(display) };
  }
}

function changed() {
  const words = say("内容已更换！这不是刚才的那一份，请从头再核对。您没有修改过，就不要签名，叫工作人员。");
  return made("p", { class: "changed", role: "alert" }, icon("circle-alert"), words);
}

/** @param {number | null} seconds */
function inWords(seconds) {
  if (seconds === null) return say("在座席上按下签名后，这次授权两分钟内有效。");
  if (seconds === 0) return say("这次授权的两分钟已过，座席上会重新询问；内容都在。");
  const clock = `${Math.floor(seconds / SECONDS_A_MINUTE)}:${String(seconds % SECONDS_A_MINUTE).padStart(2, "0")}`;
  return say("这次授权还有 %(clock)s 有效。", { clock });
}

customElements.define("second-screen", SecondScreen);
