// Icons out of the sprite; each stands beside a word and says nothing to screen readers.

const SVG = "http://www.w3.org/2000/svg";
const sprite = new URL("vendor/lucide-static-1.62.0/icons.svg", import.meta.url).pathname;

/**
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * An element with attributes and children: the way pages are built here, for markup as text is forbidden.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function made(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/**
 * Another word on a button.
 * @param {HTMLButtonElement} pressed
 * @param {string} word
 */
export function relabel(pressed, word) {
  pressed.lastElementChild?.replaceChildren(word);
}

/**
 * A button: an icon and a word.
 * @param {string} picture
 * @param {string} word
 * @param {() => void} press
 * @returns {HTMLButtonElement}
 */
export function button(picture, word, press) {
  const element = made("button", { type: "button" }, icon(picture), made("span", {}, word));
  element.addEventListener("click", press);
  return element;
}
