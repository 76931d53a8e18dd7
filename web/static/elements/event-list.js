// <event-list> around a list of links with `data-at` (an instant, UTC): choosing one takes the player there.
//
// Sends `bid:seek` {at: the instant} to the page's <replay-seat>; without one a link is only a mark in the address.

class EventList extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => this.#chosen(event));
  }

  /** @param {Event} event */
  #chosen(event) {
    const link = event.target instanceof Element ? event.target.closest("a[data-at]") : null;
    const player = document.querySelector("replay-seat");
    if (!(link instanceof HTMLElement) || !player) return;
    event.preventDefault();
    player.dispatchEvent(new CustomEvent("bid:seek", { detail: { at: link.dataset.at } }));
    this.querySelector("[aria-current]")?.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
  }
}

customElements.define("event-list", EventList);
