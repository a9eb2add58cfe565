/* Asks the server; every failure becomes an ApiError with a code that there are words for. */

const BASE = "/console/api";
const PATIENCE_MS = 12_000;

export class ApiError extends Error {
  constructor(error, status = 0) {
    super(error.code);
    this.error = error;
    this.code = error.code;
    this.status = status;
  }
}

/* How far the server's clock is ahead of this one, so that waiting times are true. */
export const clock = { ahead: 0, now: () => Date.now() + clock.ahead };

let visit = 0;

/* What was asked until now is never answered: whoever waits for it is gone from the page. */
export function endVisit() {
  visit += 1;
}

/* POSTs `body` as JSON, or a FormData as it is; without one it GETs. */
export async function ask(path, body) {
  const asked = visit;
  try {
    return await request(path, body);
  } finally {
    if (asked !== visit) await new Promise(() => {});
  }
}

async function request(path, body) {
  const options = {
    signal: AbortSignal.timeout(PATIENCE_MS),
    credentials: "same-origin",
    headers: { "X-Kefu-Console": "1" },
  };
  if (body instanceof FormData) {
    Object.assign(options, { method: "POST", body });
  } else if (body !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(BASE + path, options);
  } catch {
    throw new ApiError({ code: "network" });
  }
  const date = Date.parse(response.headers.get("Date") ?? "");
  if (date) clock.ahead = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
  let answer;
  try {
    answer = await response.json();
  } catch {
    throw new ApiError({ code: "internal" }, response.status);
  }
  if (!response.ok) throw new ApiError(typeof answer.error === "object" ? answer.error : { code: "internal" }, response.status);
  return answer;
}

export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
