// A page that brings itself anew, but not under the feet of who has just followed a link: the later of two ways wins, and
// the link would be lost.

const ON_THE_WAY_MS = 10_000;
let leftAt = -Infinity;

addEventListener("beforeunload", () => (leftAt = performance.now()));

/**
 * Load this page again, unless somebody is leaving it.
 * @returns {boolean} whether it is being loaded
 */
export function renew() {
  if (performance.now() - leftAt < ON_THE_WAY_MS) return false;
  location.reload();
  return true;
}
