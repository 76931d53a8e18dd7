// Camera and microphone of this seat: asks for them, tells at once that the browser asks, names what went wrong.

import { say } from "../words.js";

const HINT_MS = 150;

// What a browser calls it → one sentence and one action.
const FAULTS = /** @type {const} */ ({
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "absent",
  OverconstrainedError: "absent",
  NotReadableError: "busy",
  AbortError: "busy",
});

/** @typedef {"denied" | "absent" | "busy" | "unsupported" | "undisguised"} FaultCode */

/** Camera or microphone cannot be had. */
export class SourceFault extends Error {
  /** @param {FaultCode} code */
  constructor(code) {
    super(code);
    this.code = code;
  }

  /** What happened and what to do, for the person at the seat. */
  get words() {
    return {
      denied: say("浏览器没有得到使用摄像头和麦克风的许可。请点地址栏左侧的图标，选择“允许”，然后点“再试一次”。"),
      absent: say("没有找到摄像头或麦克风。请检查连线后点“再试一次”，仍不行请叫工作人员。"),
      busy: say("摄像头或麦克风被别的程序占用。请关闭其他程序后点“再试一次”。"),
      undisguised: say(
        "遮挡画面和改变声音没有启动，其他评委现在看不到、听不到您。请点“再试一次”，仍不行请叫工作人员。",
      ),
      unsupported: say("这个浏览器不能使用摄像头。请叫工作人员更换浏览器。"),
    }[this.code];
  }
}

/** The sentence shown while the browser asks; nobody should click a button twice because nothing seems to happen. */
export const waitingWords = () => say("正在等待浏览器授权：请在地址栏旁的窗口里点“允许”。");

/**
 * Camera and microphone. Raises `SourceFault`.
 * @param {(isWaiting: boolean) => void} onWaiting told when the browser has been asking for 150 ms, and when it is done
 * @returns {Promise<MediaStream>}
 */
export async function openSource(onWaiting) {
  if (!navigator.mediaDevices?.getUserMedia) throw new SourceFault("unsupported");
  const hint = window.setTimeout(() => onWaiting(true), HINT_MS);
  try {
    return await navigator.mediaDevices.getUserMedia({
      video: { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 15, max: 15 } },
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (fault) {
    const name = fault instanceof DOMException ? fault.name : "";
    if (name in FAULTS) throw new SourceFault(FAULTS[/** @type {keyof typeof FAULTS} */ (name)]);
    throw fault;
  } finally {
    window.clearTimeout(hint);
    onWaiting(false);
  }
}

/**
 * The tracks of a seat under their kinds: its picture is `camera`, its sound `mic`.
 * @param {MediaStream | null} stream
 * @returns {Record<string, MediaStreamTrack>}
 */
export function named(stream) {
  const tracks = stream?.getTracks() ?? [];
  return Object.fromEntries(tracks.map((track) => [track.kind === "video" ? "camera" : "mic", track]));
}
