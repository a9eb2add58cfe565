/* What an agent sets for this browser, and the password. */

import { permitted } from "./alerts.js";
import { ask } from "./api.js";
import { askForm, field } from "./dialogs.js";
import { h } from "./dom.js";
import { preferences } from "./preferences.js";

export async function showSettings(app) {
  const { say } = app;
  const box = (name, label) => {
    const input = h("input", { type: "checkbox", checked: preferences[name] });
    return [input, h("label", { class: "check" }, input, label)];
  };
  const [sound, soundField] = box("sound", say.sound);
  const [desktop, desktopField] = box("desktop", say.desktop);
  const password = h("button", { class: "button", type: "button", onclick: () => changePassword(app) }, say.changePassword);
  await askForm(say, {
    title: say.settings,
    action: say.save,
    fields: [soundField, desktopField, password],
    read: () => ({ sound: sound.checked, desktop: desktop.checked }),
    onsubmit: async (chosen) => {
      if (chosen.desktop && !(await permitted())) throw Object.assign(new Error("denied"), { told: say.desktopDenied });
      preferences.set(chosen);
    },
  });
}

async function changePassword(app) {
  const { say } = app;
  document.querySelector("dialog")?.close();
  const present = h("input", { type: "password", autocomplete: "current-password", required: true, maxLength: 1024 });
  const wanted = h("input", { type: "password", autocomplete: "new-password", required: true, minLength: 8, maxLength: 1024 });
  const changed = await askForm(say, {
    title: say.changePassword,
    action: say.changePassword,
    fields: [field(say.presentPassword, present), field(say.wantedPassword, wanted)],
    read: () => ({ present: present.value, wanted: wanted.value }),
    onsubmit: (values) => app.telling(() => ask("/me/password", values)),
  });
  if (changed) app.leave(say.passwordChanged);
}
