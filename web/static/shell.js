// The frame of every page: focus on the error summary, what was typed before it, one region each for news and for alarms.

import { tellTyping } from "./typing.js";

// Hidden fields that are never those of before.
const ANEW = ["csrf", "security_key"];

typeAgain();
tellTyping();

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

/** A form that comes back with a fault holds what was typed into it; passwords and files are for the person to repeat. */
function typeAgain() {
  const told = document.getElementById("typed")?.textContent;
  if (!told) return;
  /** @type {{ action: string, fields: Record<string, string[]> }} */ const { action, fields } = JSON.parse(told);
  const form = [...document.forms].find((one) => new URL(one.action).pathname === action && isSame(one, fields));
  for (const element of form?.elements ?? []) if (isField(element)) refill(element, fields[element.name] ?? []);
}

/**
 * Of several forms with one address, the one whose hidden fields are those that were sent.
 * @param {HTMLFormElement} form
 * @param {Record<string, string[]>} fields
 */
function isSame(form, fields) {
  /** @type {NodeListOf<HTMLInputElement>} */ const hidden = form.querySelectorAll('input[type="hidden"]');
  return [...hidden].every(({ name, value }) => ANEW.includes(name) || (fields[name] ?? []).includes(value));
}

/**
 * @param {Element} element
 * @returns {element is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement}
 */
function isField(element) {
  return element.matches('select, textarea, input:not([type="hidden"], [type="password"], [type="file"])');
}

/**
 * @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} field
 * @param {string[]} values
 */
function refill(field, values) {
  if (field instanceof HTMLInputElement && ["checkbox", "radio"].includes(field.type))
    field.checked = values.includes(field.value);
  else if (values.length) field.value = values.join("\n");
}
