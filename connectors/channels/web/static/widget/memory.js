/* What the browser keeps between visits; in private windows it lasts as long as the page. */

const PREFIX = "kefu.";

export class Memory {
  #fallback = new Map();

  get(name) {
    try {
      return JSON.parse(localStorage.getItem(PREFIX + name));
    } catch {
      return this.#fallback.get(name) ?? null;
    }
  }

  set(name, value) {
    try {
      if (value === null) localStorage.removeItem(PREFIX + name);
      else localStorage.setItem(PREFIX + name, JSON.stringify(value));
    } catch {
      this.#fallback.set(name, value);
    }
  }

  /* Tells of values that another window of this browser changed. */
  watch(name, changed) {
    addEventListener("storage", (event) => {
      if (event.key === PREFIX + name) changed(this.get(name));
    });
  }
}
