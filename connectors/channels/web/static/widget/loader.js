/* One script tag on any page brings the widget:
 *   <script src="https://desk.example/widget.js" data-language="en" async></script>
 * data-language: zh or en; else the page's language, else the browser's.
 * data-customer-token: the token that the shop's server signed for whoever is signed in.
 * data-time-zone: the shop's, in which cards tell times; Asia/Shanghai unless it is given.
 * window.Kefu: open(), close(), compose(text), setCustomer(token | null | async () => token),
 * setLanguage("zh"); each returns a promise and may be called before the widget has loaded.
 */
(() => {
  const script = document.currentScript;
  if (window.Kefu || !script) return;
  const base = new URL(".", script.src);
  const { language, customerToken, timeZone } = script.dataset;
  const parsed = new Promise((resolve) => {
    if (document.body) resolve();
    else document.addEventListener("DOMContentLoaded", resolve, { once: true });
  });
  const ready = Promise.all([import(new URL("widget/static/widget/element.js", base)), parsed]).then(
    ([{ mount }]) => mount({ base, language, customerToken, timeZone }),
  );
  const later = (method) => (...given) => ready.then((widget) => widget[method](...given));
  window.Kefu = {
    ready,
    open: later("open"),
    close: later("close"),
    compose: later("compose"),
    setCustomer: later("setCustomer"),
    setLanguage: later("setLanguage"),
  };
})();
