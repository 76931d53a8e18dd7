// <party-desk party="centre" csrf="…" log="<vkey>">: a party's page: its draws, the one thing asked now, its secret.
//
// Asks the server every few seconds and draws anew only what changed, so a page left open goes on and loses nothing.
// Tells `bid:party` {done: "commit" | "reveal" | "share" | "kept", draw} after each act.

import { announce } from "../shell.js";
import { made } from "../icons.js";
import { commit, giveShare, reveal, verify } from "../party/acts.js";
import { keyPairOf } from "../party/hpke.js";
import { keptSecret, pinnedLog } from "../party/keeping.js";
import { Line, Refused } from "../party/line.js";
import { readLogKey } from "../party/log-proof.js";
import { codeOf } from "../party/secret.js";
import { say } from "../words.js";
import { clockOffset } from "./count-down.js";
import { drawPart } from "./party-desk-draw.js";
import { keptPart, loadingForm, logCodeOf, makingForm } from "./party-desk-secret.js";
import { askedFor, faultWords, isOver } from "./party-desk-words.js";

/** @typedef {import("../party/acts.js").Own} Own */
/** @typedef {import("../party/context.js").Duty} Duty */
/** @typedef {import("../party/context.js").Verified} Verified */
/** @typedef {import("../party/keeping.js").Kept} Kept */
/** @typedef {import("../party/line.js").DrawStanding} DrawStanding */

const ASK_MS = 1500;
// Refusals that pass by themselves: the draw process is being started again.
const PASSING = new Set(["draw.process_away", "draw.key_gone", "draw.links_missing", "draw.not_acquainted"]);
const TRIES = 20;
const LOST = "party.not_my_commitment";

class PartyDesk extends HTMLElement {
  #line = new Line(this.getAttribute("csrf") ?? "");
  #party = this.getAttribute("party") ?? "";
  /** @type {Own | undefined} */ #own;
  /** @type {Kept | undefined} */ #kept;
  #log = "";
  #logCode = "";
  #code = "";
  #offset = 0;
  /** @type {string} the server's clock at the last answer */ #now = "";
  /** @type {DrawStanding[]} */ #standings = [];
  /** @type {Duty[]} */ #duties = [];
  /** @type {Map<Duty, Verified>} */ #verified = new Map();
  /** @type {Map<string, string>} a draw → why its last act was refused */ #faults = new Map();
  /** @type {Set<string>} draws for which the secret in this browser is not the one committed */ #lost = new Set();
  #isBusy = false;
  #trouble = "";
  /** @type {number | undefined} */ #asking;
  #draws = made("div", { class: "draws" });
  #secret = made("div", { class: "secret" });
  #news = made("p", { class: "ask-first" });
  #shown = { draws: "", secret: "" };

  connectedCallback() {
    this.replaceChildren(this.#news, this.#draws, this.#secret);
    void this.#open();
  }

  disconnectedCallback() {
    clearTimeout(this.#asking);
  }

  async #open() {
    try {
      await keyPairOf(new Uint8Array(32).fill(1));
    } catch {
      this.#news.textContent = say(
        "这个浏览器太旧，不能加密。请换用 Chrome 137、Edge 137、Firefox 130 或 Safari 17 以上的版本。",
      );
      return;
    }
    const seen = this.getAttribute("log") ?? "";
    this.#log = await pinnedLog(seen);
    this.#logCode = await logCodeOf(this.#log);
    const kept = await keptSecret(this.#party);
    if (kept) await this.#hold(kept);
    await this.#ask();
  }

  /** @param {Kept} kept */
  async #hold(kept) {
    this.#kept = kept;
    this.#own = { party: this.#party, secret: kept.key, log: await readLogKey(this.#log) };
    this.#code = await codeOf(kept.key);
    this.#lost.clear();
  }

  async #ask() {
    clearTimeout(this.#asking);
    try {
      const [told, duties] = await Promise.all([this.#line.standings(), this.#line.duties()]);
      this.#now = told.now;
      this.#offset = clockOffset(told.now);
      this.#standings = told.draws;
      await this.#take(duties);
      this.#trouble = "";
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
      this.#trouble = fault.isSignedOut
        ? say("您的登录已经结束，请重新登录。已登记的内容不变。")
        : fault.words || faultWords("");
    }
    this.#draw();
    this.#asking = window.setTimeout(() => void this.#ask(), ASK_MS);
  }

  /** @param {Duty[]} duties */
  async #take(duties) {
    const verified = new Map();
    for (const duty of duties) {
      if (!this.#own || duty.needs !== "reveal") continue;
      try {
        verified.set(duty, await verify(this.#own, duty));
        this.#lost.delete(placeOf(duty));
      } catch (fault) {
        const code = codeOfFault(fault);
        if (code === LOST) this.#lost.add(placeOf(duty));
        else this.#faults.set(placeOf(duty), faultWords(code));
      }
    }
    this.#duties = duties;
    this.#verified = verified;
  }

  /** @param {Duty} duty */
  async #press(duty) {
    const own = this.#own;
    if (!own || this.#isBusy) return;
    this.#isBusy = true;
    this.#faults.delete(placeOf(duty));
    this.#draw();
    try {
      await this.#actUntilTaken(own, duty);
    } catch (fault) {
      const words = fault instanceof Refused && fault.words ? fault.words : faultWords(codeOfFault(fault));
      this.#faults.set(placeOf(duty), words);
      announce(words, "alert");
    } finally {
      this.#isBusy = false;
      await this.#ask();
    }
  }

  /**
   * One press is enough: while the draw process is being started again, the same is sent to its new key.
   * @param {Own} own
   * @param {Duty} duty
   */
  async #actUntilTaken(own, duty) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#act(own, duty);
      } catch (fault) {
        if (!PASSING.has(codeOfFault(fault)) || tries === TRIES) throw fault;
        await new Promise((resolve) => setTimeout(resolve, ASK_MS));
        await this.#ask();
        const isSame = (/** @type {Duty} */ one) =>
          placeOf(one) === placeOf(duty) && one.round === duty.round && one.needs === duty.needs;
        duty = this.#duties.find(isSame) ?? duty;
      }
    }
  }

  /** @param {Own} own @param {Duty} duty */
  async #act(own, duty) {
    if (duty.needs === "commit") {
      await commit(this.#line, own, duty);
      this.#done("commit", duty, say("已承诺，承诺值已登记。"));
    } else if (duty.needs === "reveal") {
      const isTrue = await reveal(this.#line, own, duty);
      this.#done(
        "reveal",
        duty,
        isTrue ? say("已揭示，秘密已加密交给抽取程序。") : say("揭示与承诺不符，这一次抽取作废。"),
      );
    } else {
      await giveShare(this.#line, own, duty, new Date(Date.now() + this.#offset));
      this.#done("share", duty, say("份额已交回。"));
    }
  }

  /** @param {string} done @param {Duty} duty @param {string} words */
  #done(done, duty, words) {
    announce(words);
    this.dispatchEvent(new CustomEvent("bid:party", { bubbles: true, detail: { done, draw: placeOf(duty) } }));
  }

  #draw() {
    const keyChanged = this.#log !== this.getAttribute("log");
    const first = this.#first();
    this.#news.textContent = keyChanged ? faultWords("party.log_key") : this.#trouble || this.#sentence(first);
    this.#news.classList.toggle("trouble", keyChanged || Boolean(this.#trouble));
    this.#drawDraws(first, keyChanged);
    this.#drawSecret(keyChanged);
    // What is asked first stands first.
    const [upper, lower] = this.#own && !this.#lost.size ? [this.#draws, this.#secret] : [this.#secret, this.#draws];
    if (upper.nextSibling !== lower) upper.after(lower);
  }

  /** The first thing to do, where there is one. */
  #first() {
    return this.#duties.find((duty) => duty.needs !== "wait" && (duty.needs !== "reveal" || this.#verified.has(duty)));
  }

  /** @param {Duty | undefined} first */
  #sentence(first) {
    if (this.#lost.size) return say("现在请您载入恢复文件：这个浏览器里不是登记承诺时用的密钥。");
    if (!this.#own) return say("现在请您为本单位设置抽取密钥。");
    const asked = first && askedFor(first, this.#isTime(first.at));
    return asked ? asked.ask : say("现在没有要您做的事；这个页面可以一直开着，轮到本单位时会显示在这里。");
  }

  /** @param {Duty | undefined} first @param {boolean} keyChanged */
  #drawDraws(first, keyChanged) {
    const mayAct = Boolean(this.#own) && !keyChanged && !this.#lost.size;
    // What is sealed asks for nothing: it stands below what goes on.
    const inOrder = [...this.#standings].sort((one, other) => rankOf(one) - rankOf(other));
    const shown = inOrder.map((standing) => {
      const place = placeOf(standing);
      return {
        standing,
        duties: this.#duties.filter((duty) => placeOf(duty) === place),
        verified: this.#verified,
        fault: this.#faults.get(place) ?? "",
        isBusy: this.#isBusy,
        isFirst: first !== undefined && placeOf(first) === place,
        mayAct,
        party: this.#party,
        now: this.#now,
        isTime: this.#isTime(standing.at),
        logCode: this.#logCode,
        press: (/** @type {Duty} */ duty) => void this.#press(duty),
      };
    });
    const told = shown.map((one) => ({
      ...one,
      now: "",
      verified: one.duties.map((duty) => this.#verified.get(duty)),
    }));
    this.#replace("draws", this.#draws, told, () => {
      const none = made("p", { class: "empty" }, say("现在没有抽取。有抽取时会显示在这里。"));
      return shown.length ? shown.map(drawPart) : [none];
    });
  }

  /** @param {boolean} keyChanged */
  #drawSecret(keyChanged) {
    const state = { code: this.#code, isLost: this.#lost.size > 0, keyChanged, log: this.#logCode };
    this.#replace("secret", this.#secret, state, () => {
      const about = { party: this.#party, log: this.#log };
      if (!this.#own || !this.#kept) return this.#beginning(about);
      const kept = keptPart({ party: this.#party, code: this.#code, logCode: this.#logCode, kept: this.#kept });
      if (!state.isLost) return [kept];
      const why = say("载入不了时，请立即告诉承办单位：到时间没有揭示，这一次抽取会作废，并以本单位名称记入日志。");
      const form = loadingForm({
        party: this.#party,
        isFirst: true,
        kept: (secret, log) => void this.#loaded(secret, log),
      });
      return [made("section", {}, made("h2", {}, say("载入恢复文件")), made("p", {}, why), form), kept];
    });
  }

  /** @param {{ party: string, log: string }} about */
  #beginning({ party, log }) {
    const why = say(
      "密钥在这个浏览器里生成，不会发给服务器。恢复文件用口令加密：请存到本单位自己的 U 盘或档案柜，口令另外保管。",
    );
    const making = makingForm({ party, log, kept: (secret) => void this.#loaded(secret, log) });
    const loading = loadingForm({ party, isFirst: false, kept: (secret, pinned) => void this.#loaded(secret, pinned) });
    const summary = made("summary", {}, say("本单位已有恢复文件"));
    return [
      made("section", {}, made("h2", {}, say("设置本单位的抽取密钥")), made("p", {}, why), making),
      made("details", {}, summary, loading),
    ];
  }

  /** @param {Kept} kept @param {string} log */
  async #loaded(kept, log) {
    this.#log = log;
    this.#logCode = await logCodeOf(log);
    await this.#hold(kept);
    announce(say("密钥已保存在这个浏览器里。"));
    this.dispatchEvent(new CustomEvent("bid:party", { bubbles: true, detail: { done: "kept", draw: "" } }));
    await this.#ask();
  }

  /**
   * Draw a part anew where what it shows has changed, and leave the focus where it was.
   * @param {"draws" | "secret"} name
   * @param {HTMLElement} place
   * @param {unknown} told
   * @param {() => Node[]} make
   */
  #replace(name, place, told, make) {
    const text = JSON.stringify(told);
    if (this.#shown[name] === text) return;
    this.#shown[name] = text;
    const focused = place.contains(document.activeElement) ? (document.activeElement?.id ?? "") : "";
    place.replaceChildren(...make());
    if (focused) document.getElementById(focused)?.focus();
  }

  /** @param {string} at */
  #isTime(at) {
    return Date.now() + this.#offset >= new Date(at).getTime();
  }
}

/** @param {DrawStanding} standing */
function rankOf(standing) {
  return isOver(standing) ? 1 : 0;
}

/** @param {{ case: string, draw: string }} of */
function placeOf({ case: case_, draw }) {
  return `${case_}/${draw}`;
}

/** @param {unknown} fault */
function codeOfFault(fault) {
  return fault instanceof Error && "code" in fault ? String(fault.code) : "";
}

customElements.define("party-desk", PartyDesk);
