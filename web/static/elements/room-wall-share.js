// 共享屏幕 of this seat: asks for a screen, publishes it by a connection of its own, ends it in every way it can end. Never
// begins again by itself: what is on the screen by then is not what was chosen. Undisguised, and recorded as it is sent.

import { button, icon, made } from "../icons.js";
import { announce } from "../shell.js";
import { watchTyping } from "../typing.js";
import { say } from "../words.js";
import { Card } from "./room-wall-card.js";
import { Refused } from "./room-wall-line.js";
import { Publication } from "./room-wall-peers.js";

// Letters must be legible; what moves on a screen may jump.
const WANTED = { width: { max: 1920 }, height: { max: 1080 }, frameRate: { max: 10 } };
const ENDED = ["failed", "closed"];

/** @typedef {import("./room-wall-link.js").Link} Link */

export class Share {
  button = button("screen-share", "", () => void (this.#screen ? this.#end(stoppedWords()) : this.#begin()));
  element = made("p", { class: "sharing own", hidden: "" });
  /** @type {MediaStreamTrack | null} */ #screen = null;
  /** @type {Card | null} */ #card = null;
  #isTyping = false;
  /** Whether the server has said that it is there: before, that it is not is no news. */
  #isThere = false;
  #publication;
  /** One change of what is sent at a time, in their order: two at once may end the wrong way round. Never rejected. */
  #dressing = Promise.resolve();
  #unwatch = watchTyping((isTyping) => this.#cover(isTyping));

  /**
   * @param {Link} link
   * @param {(isSharing: boolean) => void} changed
   */
  constructor(link, changed) {
    this.own = link.own;
    this.changed = changed;
    this.#publication = new Publication(link.line);
    link.addEventListener("message", (event) => this.#take(/** @type {CustomEvent} */ (event).detail));
    this.#show("");
  }

  close() {
    this.#unwatch();
    this.#drop();
  }

  async #begin() {
    this.button.disabled = true;
    try {
      const screen = await chosen();
      this.#screen = screen;
      screen.addEventListener("ended", () => this.#screen === screen && this.#end(stoppedWords()));
      if (this.#isTyping) this.#card = new Card(screen.getSettings());
      this.#publication.tracks = { screen: this.#card?.track ?? screen };
      await this.#publication.open();
      if (this.#screen === screen) this.#begun();
      else this.#publication.close();
    } catch (fault) {
      if (!(fault instanceof DOMException || fault instanceof Refused)) throw fault;
      this.#end(faultWords(fault), "alert");
    } finally {
      this.button.disabled = false;
    }
  }

  #begun() {
    const { peer } = this.#publication;
    peer?.addEventListener("connectionstatechange", () => {
      if (peer === this.#publication.peer && ENDED.includes(peer.connectionState)) this.#end(cutWords(), "alert");
    });
    void this.#dress();
    this.#show("");
    this.changed(true);
    announce(say("已开始共享屏幕。"));
  }

  /**
   * @param {string} words why, for eyes and ears
   * @param {"status" | "alert"} [how]
   */
  #end(words, how) {
    this.#drop();
    this.#show(words);
    this.changed(false);
    announce(words, how);
  }

  #drop() {
    this.#screen?.stop();
    this.#card?.close();
    this.#publication.close();
    this.#screen = this.#card = null;
    this.#isThere = false;
    // The next share waits for nothing of this one.
    this.#dressing = Promise.resolve();
  }

  /** @param {import("./room-wall-line.js").Message} message */
  #take(message) {
    if (message.t === "moved") this.#told(false);
    else if (message.t === "screen" && message["seat"] === this.own) this.#told(message["on"]);
    else if (message.t === "state") this.#told((message["screens"] ?? []).includes(this.own));
  }

  /** @param {boolean} isThere whether the server has the shared screen */
  #told(isThere) {
    if (this.#isThere && !isThere && this.#screen) this.#end(cutWords(), "alert");
    this.#isThere = isThere && this.#screen !== null;
  }

  /** @param {boolean} isTyping */
  #cover(isTyping) {
    if (isTyping === this.#isTyping) return;
    this.#isTyping = isTyping;
    void this.#dress();
    // Why a share has ended stays to be read.
    if (this.#screen) this.#show("");
  }

  /** Send the screen, or the card instead: whichever is wanted when its turn has come. */
  async #dress() {
    const screen = this.#screen;
    const turn = this.#dressing.then(() => this.#change());
    this.#dressing = turn.catch(() => undefined);
    try {
      await turn;
    } catch (fault) {
      // A screen that could not be covered must not go on, whatever the fault; a share that is over has no say.
      if (screen && this.#screen === screen) this.#end(cutWords(), "alert");
      if (!(fault instanceof DOMException)) throw fault;
    }
  }

  async #change() {
    const screen = this.#screen;
    const [sender] = this.#publication.peer?.getSenders() ?? [];
    if (!screen || !sender) return;
    if (this.#isTyping) this.#card ??= new Card(screen.getSettings());
    const shown = this.#isTyping && this.#card ? this.#card.track : screen;
    if (sender.track !== shown) await sender.replaceTrack(shown);
    // What is wanted by now, or of another share, has its own turn.
    if (this.#isTyping || this.#screen !== screen) return;
    this.#card?.close();
    this.#card = null;
  }

  /** @param {string} words of how it ended, empty while nothing has */
  #show(words) {
    const isOn = this.#screen !== null;
    const word = isOn ? say("停止共享") : say("共享屏幕");
    this.button.replaceChildren(icon(isOn ? "screen-share-off" : "screen-share"), made("span", {}, word));
    this.element.hidden = !isOn && !words;
    this.element.toggleAttribute("data-on", isOn);
    this.element.replaceChildren(icon(isOn ? "screen-share" : "screen-share-off"), isOn ? this.#onWords : words);
  }

  get #onWords() {
    return this.#isTyping
      ? say("您正在输入密码：其他人现在看到的是“正在输入签名密码”，看不到您的屏幕。")
      : say("您正在共享屏幕：会场里的人都看得到，内容不作遮挡，并且照样录制。");
  }
}

/** The screen that the person chooses. */
async function chosen() {
  if (!navigator.mediaDevices?.getDisplayMedia) throw new DOMException("no screens", "NotSupportedError");
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: WANTED, audio: false });
  const [screen] = stream.getVideoTracks();
  if (!screen) throw new DOMException("no screen", "NotFoundError");
  screen.contentHint = "detail";
  return screen;
}

const stoppedWords = () => say("已停止共享屏幕。");
const cutWords = () => say("共享屏幕因连接中断而停止，您的席位不受影响。需要时请再点“共享屏幕”。");

/**
 * What happened and what to do.
 * @param {DOMException | Refused} fault
 */
function faultWords(fault) {
  if (fault instanceof Refused) return say("服务器现在接不了共享屏幕，您的席位不受影响。请稍后再点“共享屏幕”。");
  if (fault.name === "NotAllowedError")
    return say("没有开始共享：没有选择屏幕，或者浏览器没有得到许可。需要时请再点“共享屏幕”，选好后点“共享”。");
  if (fault.name === "NotSupportedError") return say("这个浏览器不能共享屏幕。请在电脑上用 Chrome、Edge 或 Firefox。");
  return say("没有开始共享：系统没有给出屏幕画面。请再点“共享屏幕”换一个窗口，仍不行请叫工作人员。");
}
