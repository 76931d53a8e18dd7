// What a page with drafts shows of them: how many are unsaved, the trouble there is, and values that differ.

import { button, made } from "../icons.js";
import { announce } from "../shell.js";
import { say } from "../words.js";

/**
 * Keep the line under a grid up to date and tell a screen reader of trouble once, and of its end.
 * @param {HTMLElement} grid
 * @param {import("./drafts.js").Drafts} drafts
 */
export function showSaving(grid, drafts) {
  const place = /** @type {HTMLElement} */ (grid.querySelector(".unsaved"));
  const send = /** @type {HTMLButtonElement | null} */ (grid.querySelector("form button.primary"));
  const show = () => {
    const count = drafts.unsaved;
    place.textContent = count ? say("%(count)s 项未保存", { count }) : say("已全部保存");
    place.classList.toggle("waiting", count > 0);
    send?.setAttribute("aria-disabled", String(count > 0));
  };
  drafts.addEventListener("count", show);
  drafts.addEventListener("trouble", (event) => {
    const { words } = /** @type {CustomEvent} */ (event).detail;
    announce("", words ? "status" : "alert");
    if (words)
      announce(
        say("%(why)s：%(count)s 项未保存。请继续填写，恢复后自动保存。", { why: words, count: drafts.unsaved }),
        "alert",
      );
    else announce(say("已恢复，正在保存。"));
  });
  show();
}

/**
 * The list of cells whose value differs from what another window has saved; each offers both.
 * @param {HTMLElement} grid
 * @param {{ key: string, name: string, standing: string, mine: string }} cell
 * @param {(choice: "standing" | "mine") => void} settle
 */
export function showStale(grid, cell, settle) {
  const section = /** @type {HTMLElement} */ (grid.querySelector(".stale-cells"));
  const list = /** @type {HTMLElement} */ (section.querySelector("ul"));
  for (const former of list.children) if (former.getAttribute("data-key") === cell.key) former.remove();
  const entry = made("li", { "data-key": cell.key });
  /** @param {"standing" | "mine"} choice */
  const choose = (choice) => {
    entry.remove();
    section.hidden = !list.childElementCount;
    announce("", "alert");
    settle(choice);
  };
  const words = say("%(name)s：另一个窗口已存“%(standing)s”，这里填的是“%(mine)s”。", cell);
  entry.append(
    made("p", {}, words),
    button("check", say("用“%(standing)s”", cell), () => choose("standing")),
    button("pen-line", say("用“%(mine)s”", cell), () => choose("mine")),
  );
  list.append(entry);
  section.hidden = false;
  announce(words, "alert");
}

/**
 * The summary over a grid that cannot be submitted: each line leads to its cell. Answers the summary.
 * @param {HTMLElement} grid
 * @param {{ id: string, words: string }[]} faults
 */
function showFaults(grid, faults) {
  const section = /** @type {HTMLElement} */ (grid.querySelector(".wrong-cells"));
  const lines = faults.map(({ id, words }) => made("li", {}, made("a", { href: `#${id}` }, words)));
  /** @type {HTMLElement} */ (section.querySelector("ul")).replaceChildren(...lines);
  section.hidden = !faults.length;
  return section;
}

/**
 * Let a form go only when everything typed is saved and nothing is wrong. It tells the server what this page knows:
 * how many cells are under way, and how often cells were saved; a server that counts otherwise refuses.
 * @param {HTMLElement} grid
 * @param {import("./drafts.js").Drafts} drafts
 * @param {() => { id: string, words: string }[]} faults
 * @param {() => number} saves the sum of all revisions that stand on the page
 */
export function guardSubmission(grid, drafts, faults, saves) {
  drafts.addEventListener("count", () => {
    const isShown = !(/** @type {HTMLElement} */ (grid.querySelector(".wrong-cells")).hidden);
    if (isShown) showFaults(grid, faults());
  });
  grid.querySelector("form")?.addEventListener("submit", (event) => {
    const found = faults();
    showFaults(grid, found).focus();
    const form = /** @type {HTMLFormElement} */ (event.target);
    for (const [name, count] of Object.entries({ unsaved: drafts.unsaved, saves: saves() })) {
      /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = String(count);
    }
    if (!drafts.unsaved && !found.length) return;
    event.preventDefault();
    if (drafts.unsaved) announce(say("还有 %(count)s 项未保存，保存后才能签名。", { count: drafts.unsaved }), "alert");
  });
}
