/* How the widget looks. Shops may set --kefu-accent and --kefu-accent-text on kefu-widget. */

const CSS = `
:host {
  --accent: var(--kefu-accent, #0f6b5c);
  --accent-text: var(--kefu-accent-text, #fff);
  --accent-soft: #e3f1ed;
  --surface: #ffffff;
  --ground: #f6f7f5;
  --raised: #ffffff;
  --ink: #1b2420;
  --muted: #66736d;
  --line: #e2e7e3;
  --own: var(--accent);
  --own-text: var(--accent-text);
  --good: #1c7a48; --good-soft: #e2f4e8;
  --warn: #8a5a00; --warn-soft: #fdf1d6;
  --bad: #b3261e; --bad-soft: #fce8e6;
  --calm: #355f8c; --calm-soft: #e6eef8;
  --shadow: 0 1px 2px rgb(16 32 26 / 8%), 0 12px 40px rgb(16 32 26 / 18%);
  --radius: 18px;
  all: initial;
  color-scheme: light;
  position: fixed;
  z-index: 2147483000;
  right: max(20px, env(safe-area-inset-right));
  bottom: max(20px, env(safe-area-inset-bottom));
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif;
  color: var(--ink);
  -webkit-text-size-adjust: 100%;
}
@media (prefers-color-scheme: dark) {
  :host {
    color-scheme: dark;
    --accent: var(--kefu-accent-dark, #3fb89f);
    --accent-text: var(--kefu-accent-dark-text, #06231d);
    --accent-soft: #17362f;
    --surface: #171c1a;
    --ground: #101413;
    --raised: #1f2624;
    --ink: #e8eeeb;
    --muted: #9aa8a2;
    --line: #2c3531;
    --own: #1d5c50;
    --own-text: #effaf6;
    --good: #7fd8a3; --good-soft: #173524;
    --warn: #f0c265; --warn-soft: #3a2d10;
    --bad: #ff9d94; --bad-soft: #43201d;
    --calm: #9dc3ee; --calm-soft: #1b2c40;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 12px 40px rgb(0 0 0 / 55%);
  }
}
*, *::before, *::after { box-sizing: border-box; }
button, textarea { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; padding: 0; -webkit-tap-highlight-color: transparent; }
button:disabled { cursor: default; }
:focus { outline: none; }
:focus-visible { outline: 2.5px solid var(--accent); outline-offset: 2px; }
[hidden] { display: none !important; }
.icon { width: 22px; height: 22px; display: block; flex: none; }
.away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.launcher {
  width: 60px; height: 60px; border-radius: 50%;
  display: grid; place-items: center; margin-left: auto;
  background: var(--accent); color: var(--accent-text);
  box-shadow: var(--shadow); transition: transform .18s ease, filter .18s ease; position: relative;
}
.launcher:hover { transform: translateY(-2px); filter: brightness(1.06); }
.launcher:active { transform: scale(.96); }
.launcher .icon { width: 28px; height: 28px; grid-area: 1 / 1; transition: opacity .18s, transform .18s; }
.launcher .icon-down { opacity: 0; transform: rotate(-60deg); }
.open .launcher .icon-chat { opacity: 0; transform: rotate(60deg); }
.open .launcher .icon-down { opacity: 1; transform: none; }
.unread {
  position: absolute; top: -3px; right: -3px; min-width: 22px; height: 22px; padding: 0 6px;
  border-radius: 11px; background: #d7372c; color: #fff; font-size: 12px; font-weight: 700; line-height: 22px; text-align: center;
  box-shadow: 0 0 0 2px var(--surface);
}

.panel {
  position: absolute; right: 0; bottom: 76px; width: 392px; height: min(680px, calc(100vh - 116px)); height: min(680px, calc(100dvh - 116px));
  display: grid; grid-template: auto auto minmax(0, 1fr) auto / minmax(0, 1fr); overflow: hidden;
  background: var(--ground); border-radius: var(--radius); box-shadow: var(--shadow); border: 1px solid var(--line);
  transform-origin: calc(100% - 30px) 100%; animation: rise .2s cubic-bezier(.2, .8, .3, 1);
}
@keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.97); } }

.head { display: flex; align-items: center; gap: 11px; padding: 13px 10px 13px 16px; background: var(--surface); border-bottom: 1px solid var(--line); }
.avatar { width: 38px; height: 38px; border-radius: 50%; display: grid; place-items: center; flex: none; background: var(--accent-soft); color: var(--accent); font-weight: 650; font-size: 15px; position: relative; }
.head .avatar::after { content: ""; position: absolute; right: 0; bottom: 1px; width: 10px; height: 10px; border-radius: 50%; background: #2fae6b; border: 2px solid var(--surface); }
.offline .head .avatar::after { background: #b6bfba; }
.who { min-width: 0; flex: 1; }
.who h2 { margin: 0; font-size: 15.5px; line-height: 1.3; font-weight: 650; }
.who p { margin: 1px 0 0; font-size: 12.5px; color: var(--muted); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.tool { height: 36px; min-width: 36px; padding: 0 7px; border-radius: 10px; display: grid; place-items: center; color: var(--muted); font-size: 12.5px; font-weight: 600; }
.tool:hover { background: var(--ground); color: var(--ink); }

.banners { display: grid; }
.banner { display: flex; gap: 10px; align-items: center; padding: 9px 16px; font-size: 13px; background: var(--warn-soft); color: var(--warn); }
.banner.calm { background: var(--calm-soft); color: var(--calm); }
.banner.good { background: var(--good-soft); color: var(--good); }
.banner .offers { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 4px 14px; margin-left: auto; text-align: right; }
.call { display: grid; gap: 6px; padding: 4px 16px 12px; font-size: 13px; background: var(--calm-soft); color: var(--calm); }
.call[hidden] { display: none; }
.call-row { display: flex; gap: 8px; }
.call input { flex: 1; min-width: 0; height: 44px; padding: 0 12px; border: 1px solid var(--line); border-radius: 10px; background: var(--surface); color: var(--ink); font: inherit; font-size: 16px; }
.call button { flex: none; min-height: 44px; padding: 0 14px; border-radius: 10px; background: var(--accent); color: var(--accent-text); font-weight: 600; }
.call .wrong { margin: 0; color: var(--bad); }
.banner button { margin-left: auto; font-weight: 600; text-decoration: underline; text-underline-offset: 3px; border-radius: 6px; }
.spinner { width: 14px; height: 14px; border-radius: 50%; border: 2px solid currentColor; border-right-color: transparent; animation: turn .9s linear infinite; flex: none; }
@keyframes turn { to { transform: rotate(1turn); } }

.middle { position: relative; min-height: 0; }
.log { position: absolute; inset: 0; overflow-y: auto; overscroll-behavior: contain; padding: 16px 14px 10px; display: flex; flex-direction: column; scrollbar-width: thin; }
.log::before { content: ""; flex: 1; }
.list { display: flex; flex-direction: column; }
.earlier { align-self: center; margin: 0 0 12px; padding: 6px 14px; border-radius: 14px; font-size: 13px; color: var(--muted); border: 1px solid var(--line); background: var(--surface); }
.earlier:hover { color: var(--ink); }
.jump { position: absolute; bottom: 10px; left: 50%; transform: translateX(-50%); padding: 7px 14px; border-radius: 16px; background: var(--ink); color: var(--surface); font-size: 13px; box-shadow: var(--shadow); }

.welcome { flex: 1; display: flex; flex-direction: column; justify-content: center; padding: 8px 6px 20px; }
.welcome .mark { width: 54px; height: 54px; border-radius: 17px; display: grid; place-items: center; background: var(--accent-soft); color: var(--accent); margin-bottom: 16px; }
.welcome .mark .icon { width: 30px; height: 30px; }
.welcome h3 { margin: 0 0 6px; font-size: 21px; line-height: 1.3; font-weight: 680; letter-spacing: -.01em; }
.welcome p { margin: 0 0 18px; color: var(--muted); }
.starters { display: flex; flex-direction: column; align-items: stretch; gap: 8px; }
.starters button { text-align: left; padding: 11px 14px; border-radius: 13px; background: var(--surface); border: 1px solid var(--line); transition: border-color .15s, background .15s; }
.starters button:hover { border-color: var(--accent); background: var(--accent-soft); }

.day { align-self: center; margin: 8px 0 12px; font-size: 12px; color: var(--muted); }
.item { display: grid; margin-bottom: 5px; max-width: 100%; }
.item.last { margin-bottom: 14px; }
.item.new { animation: appear .2s ease-out; }
@keyframes appear { from { opacity: 0; transform: translateY(6px); } }
.item.theirs { grid-template-columns: 30px minmax(0, 1fr); column-gap: 8px; }
.item.theirs .avatar { width: 28px; height: 28px; font-size: 12px; align-self: start; }
.item.theirs .avatar .icon { width: 17px; height: 17px; }
.item.theirs.agent .avatar { background: var(--calm-soft); color: var(--calm); }
.item.theirs > .body { grid-column: 2; justify-items: start; }
.item.own > .body { justify-items: end; }
.body { display: grid; gap: 5px; min-width: 0; }
.name { font-size: 12.5px; color: var(--muted); margin: 0 0 1px 2px; }
.bubble { max-width: min(100%, 300px); padding: 9px 13px; border-radius: 16px; background: var(--raised); border: 1px solid var(--line); overflow-wrap: anywhere; white-space: pre-wrap; }
.theirs .bubble { border-top-left-radius: 5px; }
.own .bubble { background: var(--own); color: var(--own-text); border-color: transparent; border-bottom-right-radius: 5px; }
.own.sending .bubble { opacity: .68; }
.own.failed .bubble { background: var(--bad-soft); color: var(--ink); border-color: var(--bad); }
.bubble a { color: inherit; text-decoration: underline; text-underline-offset: 2px; }
.meta { display: flex; align-items: center; gap: 5px; font-size: 11.5px; color: var(--muted); margin: 0 3px; min-height: 16px; }
.meta .icon { width: 14px; height: 14px; }
.meta.wrong { color: var(--bad); font-size: 12.5px; flex-wrap: wrap; justify-content: flex-end; text-align: right; }
.meta button { display: inline-flex; align-items: center; gap: 4px; color: var(--bad); font-weight: 650; text-decoration: underline; text-underline-offset: 3px; border-radius: 6px; padding: 2px 3px; }
.item.system { justify-items: center; margin: 6px 0 14px; }
.item.system .bubble { background: none; border: 0; padding: 2px 14px; font-size: 12.5px; color: var(--muted); text-align: center; max-width: 320px; }

.picture { display: block; border-radius: 14px; overflow: hidden; border: 1px solid var(--line); background: var(--raised); max-width: 230px; min-width: 120px; min-height: 80px; }
.picture img { display: block; width: 100%; max-height: 260px; object-fit: cover; }
.choices { display: flex; flex-wrap: wrap; gap: 7px; margin-top: 3px; }
.choices button { padding: 7px 14px; border-radius: 18px; border: 1.4px solid var(--accent); color: var(--accent); background: var(--surface); font-weight: 560; font-size: 14px; text-align: left; transition: background .15s, color .15s; }
.choices button.wide { width: 100%; border-radius: 14px; padding: 8px 14px; line-height: 1.4; }
.choices b { display: block; font-weight: 620; font-variant-numeric: tabular-nums; }
.choices small { display: block; font-size: 12.5px; font-weight: 450; color: var(--muted); }
.choices button:hover:enabled small { color: inherit; }
.choices button:hover:enabled { background: var(--accent); color: var(--accent-text); }
.choices button:disabled { border-color: var(--line); color: var(--muted); font-weight: 450; }
.choices button.chosen:disabled { border-color: var(--accent); color: var(--accent); background: var(--accent-soft); }

.card { width: min(100%, 316px); background: var(--raised); border: 1px solid var(--line); border-radius: 16px; overflow: hidden; font-size: 13.5px; }
.card-head { display: flex; align-items: center; gap: 10px; padding: 11px 13px; }
.card-icon { width: 34px; height: 34px; border-radius: 10px; background: var(--accent-soft); color: var(--accent); display: grid; place-items: center; flex: none; }
.card-icon .icon { width: 20px; height: 20px; }
.card-title { flex: 1; min-width: 0; line-height: 1.35; }
.card-title b { display: block; font-weight: 650; }
.number { font-size: 12px; color: var(--muted); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.badge { font-size: 12px; font-weight: 620; padding: 3px 9px; border-radius: 9px; white-space: nowrap; background: var(--calm-soft); color: var(--calm); align-self: flex-start; }
.badge.good { background: var(--good-soft); color: var(--good); }
.badge.warn { background: var(--warn-soft); color: var(--warn); }
.badge.bad { background: var(--bad-soft); color: var(--bad); }
.lines { list-style: none; margin: 0; padding: 2px 13px 4px; border-top: 1px solid var(--line); }
.lines li { display: flex; gap: 10px; align-items: center; padding: 8px 0; }
.lines li + li { border-top: 1px dashed var(--line); }
.thumb { width: 40px; height: 40px; border-radius: 10px; background: var(--ground); color: var(--muted); display: grid; place-items: center; flex: none; overflow: hidden; }
.thumb img { width: 100%; height: 100%; object-fit: cover; }
.line-name { flex: 1; min-width: 0; line-height: 1.35; }
.lines small { display: block; color: var(--muted); font-size: 12px; }
.line-amount { text-align: right; font-variant-numeric: tabular-nums; line-height: 1.35; white-space: nowrap; }
.facts { margin: 0; padding: 9px 13px 11px; border-top: 1px solid var(--line); display: grid; gap: 5px; }
.facts div { display: flex; justify-content: space-between; gap: 14px; }
.facts dt { color: var(--muted); flex: none; }
.facts dd { margin: 0; text-align: right; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.facts .strong dd { font-weight: 680; font-size: 15px; }
.timeline { list-style: none; margin: 0; padding: 11px 13px 12px 30px; border-top: 1px solid var(--line); }
.timeline li { position: relative; padding-bottom: 11px; line-height: 1.4; color: var(--muted); }
.timeline li:last-child { padding-bottom: 0; }
.timeline li::before { content: ""; position: absolute; left: -16px; top: 5px; width: 9px; height: 9px; border-radius: 50%; background: var(--line); z-index: 1; }
.timeline li:not(:last-child)::after { content: ""; position: absolute; left: -12.2px; top: 12px; bottom: -5px; width: 1.6px; background: var(--line); }
.timeline li:first-child { color: var(--ink); }
.timeline li:first-child::before { background: var(--accent); box-shadow: 0 0 0 4px var(--accent-soft); }
.timeline time { display: block; font-size: 12px; color: var(--muted); font-variant-numeric: tabular-nums; }

.dots { display: inline-flex; gap: 4px; padding: 13px 14px; }
.dots i { width: 6.5px; height: 6.5px; border-radius: 50%; background: var(--muted); animation: hop 1.2s infinite ease-in-out; }
.dots i:nth-child(2) { animation-delay: .16s; } .dots i:nth-child(3) { animation-delay: .32s; }
@keyframes hop { 0%, 60%, 100% { opacity: .35; transform: none; } 30% { opacity: 1; transform: translateY(-3px); } }

.composer { background: var(--surface); border-top: 1px solid var(--line); padding: 10px 10px max(10px, env(safe-area-inset-bottom)); }
.preview { display: flex; align-items: center; gap: 10px; padding: 0 4px 10px; font-size: 13px; color: var(--muted); }
.preview img { width: 54px; height: 54px; border-radius: 11px; object-fit: cover; border: 1px solid var(--line); }
.preview .tool { margin-left: auto; }
.note { margin: 0 6px 8px; font-size: 13px; color: var(--bad); }
.row { display: flex; align-items: flex-end; gap: 4px; border: 1.4px solid var(--line); border-radius: 15px; padding: 3px; background: var(--ground); transition: border-color .15s; }
.row:focus-within { border-color: var(--accent); }
textarea { flex: 1; min-width: 0; resize: none; border: 0; background: none; padding: 8px 4px; line-height: 1.45; max-height: 132px; height: 38px; outline: none !important; font-size: 15px; }
textarea::placeholder { color: var(--muted); opacity: 1; }
.row .tool { height: 38px; min-width: 38px; border-radius: 11px; }
.row .tool:hover { background: var(--surface); }
.post { width: 38px; height: 38px; flex: none; border-radius: 11px; display: grid; place-items: center; background: var(--accent); color: var(--accent-text); transition: opacity .15s, transform .1s; }
.post:disabled { background: var(--line); color: var(--muted); }
.post:active:enabled { transform: scale(.94); }
.count { font-size: 12px; color: var(--muted); padding: 5px 8px 0; text-align: right; }
.count.over { color: var(--bad); font-weight: 620; }

dialog { border: 0; padding: 0; background: none; max-width: 94vw; max-height: 94vh; }
dialog::backdrop { background: rgb(8 14 12 / 82%); }
dialog img { display: block; max-width: 94vw; max-height: 88vh; border-radius: 10px; }
dialog button { position: fixed; top: 16px; right: 16px; width: 44px; height: 44px; border-radius: 50%; background: rgb(255 255 255 / 16%); color: #fff; display: grid; place-items: center; }

@media (max-width: 520px) {
  .open { position: fixed; inset: 0; }
  .open .launcher { display: none; }
  .panel { position: fixed; inset: 0; width: 100%; height: 100vh; height: 100dvh; border-radius: 0; border: 0; animation-name: slide; }
  textarea { font-size: 16px; }
  .bubble { max-width: min(100%, 78vw); }
}
@keyframes slide { from { opacity: 0; transform: translateY(24px); } }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation-duration: .01ms !important; transition-duration: .01ms !important; } }
@media (forced-colors: active) { .bubble, .launcher, .choices button { border: 1px solid; } }
.rating { display: grid; gap: 8px; justify-items: center; width: min(330px, 100%); padding: 12px 14px 14px; border-radius: 14px; border: 1px solid var(--line); background: var(--raised); font-size: 14px; text-align: center; }
.rating p { margin: 0; }
.stars { display: flex; gap: 4px; justify-content: center; }
.stars button { width: 44px; height: 44px; display: grid; place-items: center; border-radius: 10px; color: var(--warn); }
.stars button:hover, .stars button:has(~ button:hover) { background: var(--warn-soft); }
.stars .icon { width: 26px; height: 26px; }
.stars.shown { color: var(--warn); display: inline-flex; vertical-align: middle; margin-right: 8px; }
.stars.shown .icon { width: 18px; height: 18px; }
.icon.full { fill: currentColor; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; justify-content: center; }
.chip { min-height: 36px; padding: 0 13px; border-radius: 18px; border: 1px solid var(--line); background: var(--surface); }
.chip[aria-pressed="true"] { border-color: var(--accent); background: var(--accent-soft); font-weight: 600; }
.rating textarea { width: 100%; padding: 8px 10px; border-radius: 10px; border: 1px solid var(--line); background: var(--surface); resize: vertical; }
.rate-send { min-height: 40px; padding: 0 22px; border-radius: 20px; background: var(--accent); color: var(--accent-text); font-weight: 600; }
`;

export function sheet() {
  const styles = new CSSStyleSheet();
  styles.replaceSync(CSS);
  return styles;
}
