// The card that a shared screen shows instead of itself while a signing password is typed: a picture like any other.

import { made } from "../icons.js";
import { say } from "../words.js";

const REPAINT_MS = 500;
const GROUND = "#0b3d75";
const INK = "#ffffff";

export class Card {
  #canvas;
  #painting;

  /** @param {MediaTrackSettings} screen its size: with another, the recording would begin a new take */
  constructor({ width = 1280, height = 720 }) {
    this.#canvas = made("canvas", { width: String(width), height: String(height) });
    this.#paint();
    const [track] = this.#canvas.captureStream().getVideoTracks();
    if (!track) throw new DOMException("no card", "NotSupportedError");
    this.track = track;
    // A canvas on which nothing is painted sends nothing: whoever comes later would see no card.
    this.#painting = window.setInterval(() => this.#paint(), REPAINT_MS);
  }

  #paint() {
    const { width, height } = this.#canvas;
    const brush = this.#canvas.getContext("2d", { alpha: false });
    if (!brush) throw new DOMException("no canvas", "NotSupportedError");
    brush.fillStyle = GROUND;
    brush.fillRect(0, 0, width, height);
    brush.fillStyle = INK;
    brush.font = `600 ${Math.round(width / 20)}px sans-serif`;
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.fillText(say("正在输入签名密码"), width / 2, height / 2, 0.9 * width);
  }

  close() {
    window.clearInterval(this.#painting);
    this.track.stop();
  }
}
