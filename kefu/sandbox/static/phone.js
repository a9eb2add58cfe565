/* One shopper's phone: shows what the platform in a box says was seen, sends what is done here. */

const WORDS = {
  zh: {
    text: "发消息",
    send: "发送",
    picture: "图片",
    enter: "进入会话",
    subscribe: "关注",
    SCAN: "扫二维码",
    unsubscribe: "取消关注",
    another: "换一位顾客",
    typing: "对方正在输入…",
    language: "English",
    scene: "二维码的场景值",
    lost: "沙盒没有回应，正在重试",
  },
  en: {
    text: "Message",
    send: "Send",
    picture: "Picture",
    enter: "Enter the chat",
    subscribe: "Follow",
    SCAN: "Scan a code",
    unsubscribe: "Unfollow",
    another: "Another shopper",
    typing: "is typing…",
    language: "中文",
    scene: "The scene of the QR code",
    lost: "The sandbox does not answer; trying again",
  },
};
const CHOICE = /<a href="weixin:\/\/bizmsgmenu\?msgmenucontent=([^"&]*)&msgmenuid=([^"&]*)">([^<]*)<\/a>/g;
const RETRY_MS = 1500;

const find = (id) => document.getElementById(id);
const log = find("log");
let language = navigator.language.startsWith("zh") ? "zh" : "en";
let openid = sessionStorage.getItem("openid") ?? newShopper();
let after = 0;
let typing = false;
let listening = new AbortController();

function newShopper() {
  const id = `o${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
  sessionStorage.setItem("openid", id);
  return id;
}

function speak() {
  const say = WORDS[language];
  document.documentElement.lang = language;
  find("text").setAttribute("aria-label", say.text);
  find("text").placeholder = say.text;
  find("send").textContent = say.send;
  find("picture-label").textContent = say.picture;
  find("another").textContent = say.another;
  find("language").textContent = say.language;
  find("typing").textContent = say.typing;
  for (const button of document.querySelectorAll("[data-event]")) {
    button.textContent = say[button.dataset.event];
  }
}

async function post(deed, body, type = "application/json") {
  const answer = await fetch(`phone/${openid}/${deed}`, {
    method: "POST",
    headers: { "Content-Type": type },
    body: type === "application/json" ? JSON.stringify(body) : body,
  });
  if (!answer.ok) throw new Error(`${deed}: ${answer.status}`);
}

/* Texts of accounts may hold links of one kind; nothing else in them is markup. */
function written(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(CHOICE)) {
    parts.push(text.slice(end, found.index));
    const link = document.createElement("button");
    link.type = "button";
    link.className = "link";
    link.textContent = found[3];
    link.addEventListener("click", () => post("say", { text: found[1], choice: found[2] }));
    parts.push(link);
    end = found.index + found[0].length;
  }
  return [...parts, text.slice(end)];
}

function draw(seen) {
  const line = document.createElement("li");
  line.className = seen.by;
  line.dataset.via = seen.via;
  const bubble = document.createElement("div");
  bubble.className = "bubble";
  if (seen.media) {
    const picture = document.createElement("img");
    picture.src = `phone/media/${seen.media}`;
    picture.alt = WORDS[language].picture;
    bubble.append(picture);
  }
  bubble.append(...written(seen.text));
  if (seen.url) bubble.append(" ", seen.url);
  for (const choice of seen.choices) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = choice.title;
    button.addEventListener("click", () =>
      post("say", { text: choice.title, choice: choice.id }),
    );
    bubble.append(button);
  }
  line.append(bubble);
  log.append(line);
  line.scrollIntoView({ block: "end" });
}

async function listen() {
  const mine = (listening = new AbortController());
  // The first answer comes at once: the page has nothing to show yet.
  let wait = "";
  while (!mine.signal.aborted) {
    try {
      const address = `phone/${openid}/messages?after=${after}&typing=${typing}${wait}`;
      const answer = await fetch(address, { signal: mine.signal });
      const news = await answer.json();
      wait = "&wait";
      find("name").textContent = news.name;
      for (const button of document.querySelectorAll("[data-event]")) {
        button.hidden = !news.deeds.includes(button.dataset.event);
      }
      typing = news.typing;
      find("typing").textContent = WORDS[language].typing;
      find("typing").hidden = !typing;
      for (const seen of news.seen) {
        draw(seen);
        after = seen.number;
      }
    } catch (error) {
      if (mine.signal.aborted) return;
      find("typing").textContent = WORDS[language].lost;
      find("typing").hidden = false;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = find("text").value;
  if (!text.trim()) return;
  find("text").value = "";
  post("say", { text });
});
find("picture").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) await post("picture", file, file.type || "application/octet-stream");
});
for (const button of document.querySelectorAll("[data-event]")) {
  button.addEventListener("click", () => {
    const event = button.dataset.event;
    const key = event === "SCAN" ? (prompt(WORDS[language].scene, "shelf") ?? "") : "";
    if (event !== "SCAN" || key) post("event", { event, key });
  });
}
find("another").addEventListener("click", () => {
  listening.abort();
  openid = newShopper();
  after = 0;
  typing = false;
  log.replaceChildren();
  listen();
});
find("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  speak();
});
speak();
listen();
