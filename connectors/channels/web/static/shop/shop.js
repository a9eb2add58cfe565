/* The demo shop's page: articles from the shop's own catalogue, and who is signed in. */

import { h } from "../widget/dom.js";
import { art, stillLife } from "./art.js";

const SAY = {
  zh: {
    skip: "跳到商品",
    demoNote: "这是 Kefu 的演示商店：商品、顾客和订单都是虚构的。",
    cart: (items) => `购物车：${items}。这是演示商店，到此为止，不会真的结算。`,
    signIn: "这里是真实商店的登录页；演示商店里，请在右上角直接选一位顾客。",
    brand: "木禾生活",
    brandOther: "Muhe Living",
    nav: "主导航",
    navProducts: "商品",
    navService: "服务",
    signedInAs: "当前登录",
    nobody: "未登录",
    otherLanguage: "English",
    eyebrow: "每天用得到的好东西",
    heroTitle: "把日子，过得从容一点",
    heroText: "灯、杯、被、衣，一件一件认真挑。有问题随时找客服，中英文都可以。",
    look: "看看商品",
    ask: "咨询客服",
    productsTitle: "本季商品",
    categories: "按类别筛选",
    all: "全部",
    empty: "商品正在上架，请稍后再来。",
    askAbout: "咨询",
    question: (name) => `想了解一下“${name}”`,
    soldOut: "暂时缺货",
    serviceTitle: "我们的服务",
    promise1: "先答，再等",
    promise1Text: "订单、物流、付款问题，客服助手马上从系统里查给您看。",
    promise2: "退货说得清",
    promise2Text: "能不能退、退多少、多久到账，申请之前就告诉您。",
    promise3: "随时找得到人",
    promise3Text: "一句“转人工”就行，排在第几位也会告诉您，前面说过的不用再说一遍。",
    footer: "木禾生活 · Kefu 演示商店",
  },
  en: {
    skip: "Skip to the articles",
    demoNote: "This is Kefu's demo shop: articles, customers and orders are made up.",
    cart: (items) => `Cart: ${items}. This is a demo shop: it ends here, nothing is charged.`,
    signIn: "A real shop has its sign-in page here; in the demo, pick a customer at the top right.",
    brand: "Muhe Living",
    brandOther: "木禾生活",
    nav: "Main",
    navProducts: "Shop",
    navService: "Service",
    signedInAs: "Signed in as",
    nobody: "Nobody",
    otherLanguage: "中文",
    eyebrow: "Good things for every day",
    heroTitle: "Live a little more calmly",
    heroText: "Lamps, cups, covers, clothes, each chosen with care. Questions? Ask us in English or Chinese.",
    look: "See the articles",
    ask: "Ask us",
    productsTitle: "This season",
    categories: "Filter by category",
    all: "All",
    empty: "The shelves are being filled. Please come back in a moment.",
    askAbout: "Ask",
    question: (name) => `I would like to know more about “${name}”`,
    soldOut: "Out of stock",
    serviceTitle: "How we help",
    promise1: "Answers before queues",
    promise1Text: "Orders, parcels, payments: our assistant looks them up while you wait.",
    promise2: "Returns without riddles",
    promise2Text: "Whether it can go back, what you get and when: you know before you ask for it.",
    promise3: "People within reach",
    promise3Text: "Say the word and you are in line, you see your place, and nobody asks you twice.",
    footer: "Muhe Living · the demo shop of Kefu",
  },
};

const KEY = "muhe.customer";
const page = { language: startLanguage(), products: [], customers: [], category: null };
const find = (selector) => document.querySelector(selector);

function startLanguage() {
  const kept = localStorage.getItem("muhe.language");
  return kept ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");
}

function draw() {
  const say = SAY[page.language];
  document.documentElement.lang = page.language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-say]")) element.textContent = say[element.dataset.say];
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", say[element.dataset.label]);
  find("#language").textContent = say.otherLanguage;
  drawArrival(say);
  drawCustomers(say);
  drawProducts(say);
}

/* Whoever comes by a link of the assistant: to a cart it prepared, or to sign in. */
function drawArrival(say) {
  const asked = new URLSearchParams(location.search);
  const items = (asked.get("cart") ?? "").split(",").filter(Boolean).map((item) => {
    const [variant, count] = item.split(":");
    const product = page.products.find((one) => variant === one.id || variant.replace(/-\d+$/, "") === one.id);
    return `${product?.name?.[page.language] ?? variant} × ${count ?? 1}`;
  });
  const told = items.length ? say.cart(items.join(page.language === "zh" ? "、" : ", ")) : asked.has("sign-in") || asked.has("recover") ? say.signIn : "";
  find("#arrival").textContent = told;
  find("#arrival").hidden = told === "";
}

function drawCustomers(say) {
  const chosen = localStorage.getItem(KEY) ?? "";
  const options = [{ id: "", name: say.nobody }, ...page.customers];
  find("#customer").replaceChildren(...options.map(({ id, name }) => h("option", { value: id, selected: id === chosen }, name)));
  find(".who label").hidden = page.customers.length === 0;
}

function drawProducts(say) {
  const name = (names) => names?.[page.language] ?? names?.zh ?? "";
  const categories = new Map(page.products.map((one) => [one.category, name(one.category_name) || one.category]));
  const chip = (id, text) => h("button", { type: "button", "aria-pressed": String(page.category === id), onclick: () => { page.category = id; draw(); } }, text);
  find("#categories").replaceChildren(...(categories.size > 1 ? [chip(null, say.all), ...[...categories].map(([id, text]) => chip(id, text))] : []));
  const shown = page.products.filter((one) => page.category === null || one.category === page.category);
  find("#grid").replaceChildren(
    ...shown.map((one) =>
      h(
        "li",
        { class: "product" },
        h("div", { class: "art" }, art(one)),
        h(
          "div",
          { class: "info" },
          h("small", {}, name(one.category_name)),
          h("h3", {}, name(one.name)),
          h(
            "div",
            { class: "buy" },
            one.in_stock === false ? h("span", { class: "sold" }, say.soldOut) : h("span", { class: "price" }, one.price),
            h("button", { type: "button", "aria-label": `${say.askAbout}: ${name(one.name)}`, onclick: () => window.Kefu.compose(say.question(name(one.name))) }, say.askAbout),
          ),
        ),
      ),
    ),
  );
  find("#empty").hidden = shown.length > 0;
}

/* A real shop signs this token on its own server for whoever is signed in there. */
async function customerToken() {
  const customer = localStorage.getItem(KEY);
  if (!customer) return null;
  const response = await fetch(`/demo/customer-token?customer=${encodeURIComponent(customer)}`);
  return response.ok ? (await response.json()).token : null;
}

async function get(path, otherwise) {
  const response = await fetch(path);
  return response.ok ? response.json() : otherwise;
}

find("#still").append(stillLife());
find("#language").addEventListener("click", () => {
  page.language = page.language === "zh" ? "en" : "zh";
  localStorage.setItem("muhe.language", page.language);
  draw();
  window.Kefu.setLanguage(page.language);
});
find("#customer").addEventListener("change", (event) => {
  localStorage.setItem(KEY, event.target.value);
  window.Kefu.setCustomer(customerToken);
});
find("#ask").addEventListener("click", () => window.Kefu.open());
draw();

addEventListener("load", () => window.Kefu.setCustomer(customerToken));
[page.products, page.customers] = await Promise.all([get("/demo/products.json", []), get("/demo/customers.json", [])]);
draw();
