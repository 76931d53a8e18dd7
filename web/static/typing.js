// Whether a password is being typed in any window of this browser: pages with such a field say so while it has the focus,
// and the window that shares the screen listens. What is typed is never looked at.

const CHANNEL = "bid-password";
const REPEAT_MS = 1000;
// A window that is gone says nothing: after so long its field counts as left.
const FORGOTTEN_MS = 2500;

/** Say for as long as this page lives when one of its password fields has the focus. */
export function tellTyping() {
  const channel = new BroadcastChannel(CHANNEL);
  let isTyping = false;
  const look = () => {
    const was = isTyping;
    isTyping = document.activeElement?.matches('input[type="password"]') === true && document.hasFocus();
    if (isTyping || was) channel.postMessage(isTyping);
  };
  for (const turn of ["focusin", "focusout", "focus", "blur"]) addEventListener(turn, () => window.setTimeout(look));
  addEventListener("pagehide", () => isTyping && channel.postMessage(false));
  window.setInterval(look, REPEAT_MS);
  look();
}

/**
 * Be told when typing begins in another window, and when it is over.
 * @param {(isTyping: boolean) => void} changed
 * @returns {() => void} ends it
 */
export function watchTyping(changed) {
  const channel = new BroadcastChannel(CHANNEL);
  /** @type {number | undefined} */ let over;
  channel.onmessage = ({ data }) => {
    window.clearTimeout(over);
    if (data === true) over = window.setTimeout(() => changed(false), FORGOTTEN_MS);
    changed(data === true);
  };
  return () => {
    window.clearTimeout(over);
    channel.close();
  };
}
