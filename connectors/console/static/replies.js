/* What this agent says: sent once however often it is tried, kept where the conversation went on without it. */

import { ask, newId } from "./api.js";
import { toast } from "./dom.js";

export class Replies {
  pending = new Map();

  constructor(desk) {
    this.desk = desk;
  }

  async send({ text, pictures }) {
    const id = this.desk.open.conversation.id;
    if (this.desk.open.later) await this.desk.loadNewest();
    const reply = { client_id: newId(), conversation_id: id, text, pictures, state: "sending" };
    this.setPending(id, [...this.of(id), reply]);
    this.desk.drawTranscript();
    this.desk.parts.transcript.toEnd();
    this.desk.presence.say("viewing");
    await this.post(reply);
  }

  /* The same client_id every time: however often it is tried, it is said once. */
  async post(reply) {
    reply.state = "sending";
    this.desk.drawTranscript();
    try {
      const attachments = reply.pictures.map((picture) => picture.id);
      await ask(`/conversations/${reply.conversation_id}/reply`, { text: reply.text, client_id: reply.client_id, attachments });
      // It joins the transcript by its number, together with whatever came before it.
      await this.desk.refresh();
      this.discard(reply);
    } catch (error) {
      if (error.status === 409) return this.moved(reply, error);
      reply.state = "failed";
      reply.problem = this.desk.app.errorText(error);
      reply.final = !["network", "internal"].includes(error.code);
      this.desk.drawTranscript();
      if (error.code === "no_session") this.desk.app.ended();
    }
    return undefined;
  }

  /* The conversation went on without us: what was written is kept, and said so. */
  async moved(reply, error) {
    const id = reply.conversation_id;
    this.desk.keepDraft();
    const before = this.desk.drafts.get(id);
    this.desk.drafts.set(id, before && before !== reply.text ? `${reply.text}\n${before}` : reply.text);
    if (this.desk.writer?.conversation.id === id) this.desk.writer.text.value = this.desk.drafts.get(id);
    this.discard(reply);
    toast(`${this.desk.app.errorText(error)} · ${this.desk.say.draftKept}`, "warn");
    await this.desk.refresh();
    this.desk.drawConversation();
  }

  discard(reply) {
    const id = reply.conversation_id;
    this.setPending(id, this.of(id).filter((other) => other !== reply));
    this.desk.drawTranscript();
  }

  /* Those of a conversation that are not in its transcript yet. */
  of(id) {
    return this.pending.get(id) ?? [];
  }

  setPending(id, replies) {
    if (replies.length) this.pending.set(id, replies);
    else this.pending.delete(id);
  }

  /* The transcript has the replies with these client_ids now. */
  arrived(id, sent) {
    this.setPending(id, this.of(id).filter((reply) => !sent.has(reply.client_id)));
  }
}
