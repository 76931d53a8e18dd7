// The frame of every page: focus on the error summary, one region each for news and for alarms.

/** @type {HTMLElement | null} */ (document.querySelector(".faults"))?.focus();

/**
 * Say something to everybody, screen readers included; an alarm interrupts, news waits its turn.
 * @param {string} text
 * @param {"status" | "alert"} [region]
 */
export function announce(text, region = "status") {
  const place = document.getElementById(region);
  if (place && place.textContent !== text) place.textContent = text;
}
