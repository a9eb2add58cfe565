/* What an agent has chosen for this browser: language, appearance, how to be called. */

const KEY = "kefu.console";
const THEMES = ["auto", "light", "dark"];

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}");
  } catch {
    return {};
  }
}

const given = new URLSearchParams(location.search).get("language");
const known = stored();

export const preferences = {
  language: ["zh", "en"].includes(given) ? given : known.language ?? (navigator.language.startsWith("zh") ? "zh" : "en"),
  theme: THEMES.includes(known.theme) ? known.theme : "auto",
  sound: known.sound !== false,
  desktop: known.desktop === true,

  set(change) {
    Object.assign(this, change);
    try {
      localStorage.setItem(KEY, JSON.stringify({ language: this.language, theme: this.theme, sound: this.sound, desktop: this.desktop }));
    } catch {
      // Without storage the choice lasts as long as the page.
    }
    this.apply();
  },

  nextTheme() {
    this.set({ theme: THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] });
  },

  apply() {
    document.documentElement.lang = this.language === "en" ? "en" : "zh-CN";
    if (this.theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = this.theme;
  },
};
