// One window holds a room: a second one would take the pictures away from the first and cut its recording.

const WAIT_MS = 1000;

/**
 * Hold a name for as long as this page lives. A page that is being reloaded lets go within a second.
 * @param {string} name
 * @param {boolean} isTaken take it from the window that has it
 * @param {AbortSignal} leaving ends the hold
 * @param {() => void} lost told when another window has it, now or later
 * @returns {Promise<boolean>} whether it is held
 */
export function hold(name, isTaken, leaving, lost) {
  return new Promise((settle) => {
    const asked = isTaken ? { steal: true } : { signal: AbortSignal.timeout(WAIT_MS) };
    navigator.locks
      .request(name, asked, () => {
        settle(true);
        return new Promise((over) => leaving.addEventListener("abort", over, { once: true }));
      })
      .catch((fault) => {
        if (!(fault instanceof DOMException)) throw fault;
        settle(false);
        lost();
      });
  });
}
