/* Which colleagues look at the same conversation, and whether they write. */

const EVERY_MS = 20_000;
const GONE_MS = 45_000;
const WRITING_MS = 6_000;

export class Presence {
  constructor(app, onchange) {
    this.app = app;
    this.onchange = onchange;
    this.others = new Map();
    this.state = "viewing";
    this.timer = setInterval(() => this.beat(), EVERY_MS);
  }

  stop() {
    clearInterval(this.timer);
    clearTimeout(this.still);
  }

  clear() {
    this.others.clear();
    this.state = "viewing";
    this.onchange();
  }

  /* Tells what this agent does; whoever stops writing is soon seen to look on. */
  say(state) {
    clearTimeout(this.still);
    this.state = state;
    this.app.socket?.emit("here", state);
    if (state === "writing") this.still = setTimeout(() => this.say("viewing"), WRITING_MS);
  }

  beat() {
    this.app.socket?.emit("here", this.state);
    const now = Date.now();
    for (const [id, other] of this.others) if (now - other.at > GONE_MS) this.others.delete(id);
    this.onchange();
  }

  heard({ agent, state }) {
    if (agent.id === this.app.me.id) return;
    if (state === "left") this.others.delete(agent.id);
    else this.others.set(agent.id, { name: agent.name, state: state === "writing" ? state : "viewing", at: Date.now() });
    // Who has just come does not know of us yet.
    if (state === "came") this.app.socket?.emit("here", this.state);
    this.onchange();
  }

  /* [names of those who write, names of those who look on] */
  names() {
    const all = [...this.others.values()];
    return ["writing", "viewing"].map((state) => all.filter((other) => other.state === state).map((other) => other.name));
  }
}
