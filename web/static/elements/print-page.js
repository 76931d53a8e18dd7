// <print-page><button type="button">…</button></print-page>
//
// Prints the page when its button is pressed; without scripts the browser's own menu does.

class PrintPage extends HTMLElement {
  connectedCallback() {
    this.querySelector("button")?.addEventListener("click", () => window.print());
  }
}

customElements.define("print-page", PrintPage);
