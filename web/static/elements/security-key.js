// <security-key address csrf> inside a form: asks the security key before the form is sent, and puts its answer into the
// form's field `security_key`.
//
// At `address` the server says what is asked (WebAuthn options as JSON); with `registers` a new key is made. The page
// loads elements/security-key.js. Needs nothing newer than WebAuthn level 2: no parse…FromJSON, no toJSON. Where browser
// and key can compute secrets of salts (`prf`, level 3), these go along with the answer, and are kept nowhere.

import { say } from "../words.js";

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

// So many are asked about at once: what a key computes of one alone is of no use.
const SALTS = 2;

class SecurityKey extends HTMLElement {
  connectedCallback() {
    const form = this.closest("form");
    form?.addEventListener("submit", (event) => {
      if (this.#field("security_key").value) return; // answered: the form goes on its way
      event.preventDefault();
      void this.#ask(form);
    });
    addEventListener("pageshow", () => this.#forget());
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.closest("form")?.elements.namedItem(name));
  }

  #forget() {
    this.#field("security_key").value = "";
  }

  /** @param {HTMLFormElement} form */
  async #ask(form) {
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    this.#tell(say("请插入安全密钥，按它的提示核验本人，再触摸它。"));
    try {
      const options = await this.#options();
      if (options.batch) this.#field("batch").value = options.batch;
      const answer = this.hasAttribute("registers") ? await this.#registered(options) : await answered(options);
      this.#field("security_key").value = JSON.stringify(answer);
      this.#tell(say("安全密钥已应答，正在提交。"));
    } catch (fault) {
      this.#tell(
        fault instanceof Refused
          ? fault.message
          : say("安全密钥没有应答。填写的内容都在，请再试一次；仍然不行，请叫工作人员。"),
      );
      return;
    } finally {
      for (const button of buttons) button.disabled = false;
    }
    form.requestSubmit();
  }

  async #options() {
    const batch = /** @type {HTMLInputElement | null} */ (this.#field("batch"))?.value ?? "";
    const answer = await fetch(this.getAttribute("address") ?? "", {
      method: "POST",
      body: JSON.stringify({ batch }),
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRF-Token": this.getAttribute("csrf") ?? "",
      },
    });
    const told = await answer.json();
    if (!answer.ok) throw new Refused([told.what, told.next].filter(Boolean).join(" "));
    return told;
  }

  /**
   * A new key, and what it computes of the salts: most keys say so when they are touched once more.
   * @param {any} options
   */
  async #registered(options) {
    const { made, computed } = await registered(options);
    if (!computed.canCompute || computed.values.length === SALTS) return { ...made, prf: computed.values };
    this.#tell(say("请再触摸一次安全密钥，完成登记。"));
    const allowCredentials = [{ id: made.id }];
    const again = await answered({ ...options, allowCredentials });
    return { ...made, prf: again.prf };
  }

  /** @param {string} text */
  #tell(text) {
    const place = this.querySelector("p");
    if (place) place.textContent = text;
  }
}

class Refused extends Error {}

/**
 * A new key, as the server's library reads it (RegistrationResponseJSON), and what it computed.
 * @param {any} options
 */
async function registered(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: [],
      extensions: salted(options),
    },
  });
  const key = /** @type {PublicKeyCredential} */ (made);
  const response = /** @type {AuthenticatorAttestationResponse} */ (key.response);
  const answer = { attestationObject: text(response.attestationObject), clientDataJSON: text(response.clientDataJSON) };
  return { made: { id: key.id, rawId: key.id, type: key.type, response: answer }, computed: computed(key) };
}

/**
 * The answer to an act, as it stands in the authorisation record, and what the key computed, which stands nowhere.
 * @param {any} options
 */
async function answered(options) {
  const [{ id }] = options.allowCredentials;
  const got = await navigator.credentials.get({
    publicKey: {
      challenge: bytes(options.challenge),
      allowCredentials: [{ id: bytes(id), type: "public-key" }],
      userVerification: "required",
      timeout: options.timeout,
      extensions: salted(options),
    },
  });
  const key = /** @type {PublicKeyCredential} */ (got);
  const response = /** @type {AuthenticatorAssertionResponse} */ (key.response);
  return {
    authenticatorData: text(response.authenticatorData),
    clientDataJSON: text(response.clientDataJSON),
    signature: text(response.signature),
    prf: computed(key).values,
  };
}

/**
 * The salts that the server asks about, as the browser takes them.
 * @param {any} options
 * @returns {AuthenticationExtensionsClientInputs}
 */
function salted(options) {
  const salts = options.extensions?.prf?.eval;
  if (!salts) return {};
  const first = bytes(salts.first);
  return { prf: { eval: salts.second ? { first, second: bytes(salts.second) } : { first } } };
}

/**
 * What a key computed of the salts; a browser that does not know of it, or a key that cannot, says nothing.
 * @param {PublicKeyCredential} key
 */
function computed(key) {
  const { prf } = /** @type {any} */ (key.getClientExtensionResults());
  const { first, second } = prf?.results ?? {};
  return { canCompute: Boolean(prf?.enabled), values: [first, second].filter(Boolean).map(text) };
}

/**
 * @param {string} base64url without padding
 * @returns {Bytes}
 */
function bytes(base64url) {
  return Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}

/**
 * @param {ArrayBuffer} buffer
 * @returns {string} base64url without padding
 */
function text(buffer) {
  const raw = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

customElements.define("security-key", SecurityKey);
