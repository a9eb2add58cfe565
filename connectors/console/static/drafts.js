/* What an agent has begun to write, by conversation; it outlives the page. */

const LONGEST = 4000;
const MOST = 50;

export class Drafts {
  constructor(agentId) {
    this.key = `kefu.console.drafts.${agentId}`;
    try {
      this.texts = new Map(Object.entries(JSON.parse(localStorage.getItem(this.key) ?? "{}")));
    } catch {
      this.texts = new Map();
    }
  }

  get(id) {
    return this.texts.get(id) ?? "";
  }

  set(id, text) {
    this.texts.delete(id);
    if (text.trim()) this.texts.set(id, text.slice(0, LONGEST));
    this.save();
  }

  save() {
    while (this.texts.size > MOST) this.texts.delete(this.texts.keys().next().value);
    try {
      localStorage.setItem(this.key, JSON.stringify(Object.fromEntries(this.texts)));
    } catch {
      // Without storage a draft lasts as long as the page.
    }
  }
}
