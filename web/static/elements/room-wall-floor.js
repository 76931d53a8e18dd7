// Who may be heard (发言): the buttons of the leader and the main venue, what a silenced seat is told, the hands up.
// Nothing here stops a sound: the server says who may be heard, and the recording has everybody always.

import { button, icon, made } from "../icons.js";
import { say } from "../words.js";
import { HeldButton } from "./room-wall-held.js";

/**
 * The floor as the server tells it: how the room talks, and the seats that are silenced, ask to speak, hold their button.
 * @typedef {{ talk: "open" | "held", silenced: string[], hands: string[], talking: string[], leader: string }} Told
 * What the chair changes: how the room talks, who is silenced and who is heard from now on; all else stays.
 * @typedef {{ talk?: "open" | "held", silence?: string[], hear?: string[] }} Change
 * @typedef {import("./seat-video.js").SeatVideo} SeatVideo
 */

export class Floor {
  element = made("div", { class: "floor" });
  #line = made("p", { role: "alert", hidden: "" });
  #chair = made("div", { class: "tools", role: "group", "aria-label": say("发言安排") });
  #hands = made("ul", { class: "hands", "aria-live": "assertive" });
  #undo = made("p", { class: "undo", role: "status", hidden: "" });
  /** @type {Told} */ #told = { talk: "open", silenced: [], hands: [], talking: [], leader: "" };
  #canUndo = false;
  #isHost = false;
  #isUp = false;
  #held;

  /**
   * @param {string} own this seat's label, empty for who only watches
   * @param {Map<string, SeatVideo>} tiles
   * @param {(message: { t: string, [key: string]: unknown }) => void} send
   */
  constructor(own, tiles, send) {
    this.own = own;
    this.tiles = tiles;
    this.send = send;
    this.#held = new HeldButton((on) => send({ t: "talk", on }));
    this.element.append(this.#line, this.#hands, this.#chair, this.#undo);
  }

  get #isChair() {
    return this.#isHost || (this.own !== "" && this.own === this.#told.leader);
  }

  get #others() {
    return [...this.tiles.values()].filter((tile) => !tile.isEmpty && tile.seat !== this.#told.leader);
  }

  /**
   * The whole of it, at a connection or after a change.
   * @param {Told & { gives?: boolean }} told
   */
  take(told) {
    this.#told = told;
    if (told.gives !== undefined) this.#isHost = told.gives && this.own === "";
    if (!told.silenced.includes(this.own)) this.#isUp = false;
    this.#show();
  }

  /**
   * A seat holds its button, or let it go.
   * @param {string} seat
   * @param {boolean} isOn
   */
  talks(seat, isOn) {
    this.tiles.get(seat)?.mark("talk", isOn);
  }

  /** After a return of the line: what this seat asked for is said again. */
  repeat() {
    if (this.#isUp) this.send({ t: "hand", up: true });
  }

  close() {
    this.#held.close();
  }

  get #silencedWords() {
    return say("组长或者主场已将您静音：其他评委现在听不到您，录音录像照常。");
  }

  #show() {
    for (const tile of this.tiles.values()) {
      tile.mark("silenced", this.#told.silenced.includes(tile.seat));
      tile.mark("hand", this.#told.hands.includes(tile.seat));
      tile.mark("talk", this.#told.talking.includes(tile.seat));
      const isTheirs = this.#isChair && !tile.isEmpty && tile.seat !== this.#told.leader;
      tile.offer(isTheirs ? this.#silencer(tile.seat) : null);
    }
    this.#showOwn();
    this.#hands.replaceChildren(...(this.#isChair ? this.#told.hands.map((seat) => this.#hand(seat)) : []));
    this.#chair.replaceChildren(...(this.#isChair ? [this.#all(), this.#way()] : []));
    this.#undo.hidden = !this.#canUndo;
  }

  #showOwn() {
    const isSeat = this.own !== "" && this.own !== this.#told.leader;
    const isSilenced = isSeat && this.#told.silenced.includes(this.own);
    const isHeld = isSeat && !isSilenced && this.#told.talk === "held";
    this.#held.isOffered = isHeld;
    this.#line.hidden = !isSilenced && !isHeld;
    this.#line.toggleAttribute("data-silenced", isSilenced);
    if (isSilenced) {
      const ask = button("hand", this.#isUp ? say("收回申请") : say("申请发言"), () => this.#ask());
      const words = this.#isUp ? say("已申请发言，请等待组长同意。") : this.#silencedWords;
      this.#line.replaceChildren(icon("mic-off"), words, " ", ask);
    } else if (isHeld) {
      const words = say("现在按住按钮发言：按住“按住说话”或者空格键时，其他评委才听得到您；录音录像照常。");
      this.#line.replaceChildren(icon("mic"), words, " ", this.#held.element);
    }
  }

  #ask() {
    this.#isUp = !this.#isUp;
    this.send({ t: "hand", up: this.#isUp });
    this.#showOwn();
  }

  /** @param {string} seat */
  #hand(seat) {
    const words = say("%(who)s 申请发言。", { who: this.#who(seat) });
    const invite = button("mic", say("请发言"), () => this.#silence(seat, false));
    invite.setAttribute("aria-label", say("请 %(who)s 发言", { who: this.#who(seat) }));
    return made("li", {}, icon("hand"), words, " ", invite);
  }

  /** @param {string} seat */
  #silencer(seat) {
    const isSilenced = this.#told.silenced.includes(seat);
    const pressed = button(isSilenced ? "mic" : "mic-off", isSilenced ? say("取消静音") : say("静音"), () =>
      this.#silence(seat, !isSilenced),
    );
    const who = this.#who(seat);
    pressed.setAttribute("aria-label", isSilenced ? say("取消 %(who)s 的静音", { who }) : say("静音 %(who)s", { who }));
    return pressed;
  }

  #all() {
    const seats = this.#others.map((tile) => tile.seat);
    const isAll = seats.length > 0 && seats.every((seat) => this.#told.silenced.includes(seat));
    return isAll
      ? button("mic", say("取消全体静音"), () => this.#give({ hear: seats }, say("已取消全体静音。")))
      : button("mic-off", say("全体静音"), () => this.#give({ silence: seats }, say("已将其他席位全体静音。")));
  }

  #way() {
    return this.#told.talk === "open"
      ? button("hand", say("改为按住按钮发言"), () => this.#give({ talk: "held" }, say("已改为按住按钮发言。")))
      : button("users", say("改为随时发言"), () => this.#give({ talk: "open" }, say("已改为随时发言。")));
  }

  /**
   * @param {string} seat
   * @param {boolean} isSilenced
   */
  #silence(seat, isSilenced) {
    const words = isSilenced
      ? say("已静音 %(who)s。", { who: this.#who(seat) })
      : say("已取消 %(who)s 的静音。", { who: this.#who(seat) });
    this.#give(isSilenced ? { silence: [seat] } : { hear: [seat] }, words);
  }

  /**
   * Change what it names and nothing else, for what this page was told may be old; the last act can be taken back.
   * @param {Change} change
   * @param {string} words
   */
  #give(change, words) {
    const before = this.#told;
    const seats = [...(change.silence ?? []), ...(change.hear ?? [])];
    this.#canUndo = true;
    this.send({ t: "floor", ...change });
    this.#undo.replaceChildren(
      words,
      " ",
      button("arrow-left", say("撤销"), () => {
        this.#canUndo = false;
        const silence = seats.filter((seat) => before.silenced.includes(seat));
        const hear = seats.filter((seat) => !before.silenced.includes(seat));
        this.send({ t: "floor", silence, hear, ...(change.talk ? { talk: before.talk } : {}) });
        this.#undo.hidden = true;
      }),
    );
    this.#undo.hidden = false;
  }

  /** @param {string} seat */
  #who(seat) {
    return `${this.tiles.get(seat)?.getAttribute("alias") ?? ""} ${seat}`.trim();
  }
}
