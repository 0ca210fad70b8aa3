// The one place that asks the app: always of this page's own origin, always with the header that no other page can send.

const API = location.pathname.replace(/\/board\/?$/, "");
const PATIENCE = 60000;
const key = keyTakenOut();

class Unreachable extends Error {}

// {status, ok, body, etag, wait}; `body` is null where the answer is no JSON. Raises Unreachable without an answer.
async function ask(path, { method = "GET", body, etag, once } = {}) {
  const headers = { Accept: "application/json" };
  if (key) headers["x-functions-key"] = key;
  if (method === "GET" && etag) headers["If-None-Match"] = etag;
  if (method !== "GET") {
    Object.assign(headers, { "Content-Type": "application/json", "X-Bastion-Guard": "1", "Idempotency-Key": once });
    if (etag) headers["If-Match"] = `"${etag}"`;
  }
  let answer;
  try {
    answer = await fetch(`${API}/${path}`, {
      method, headers, body: body && JSON.stringify(body),
      credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(PATIENCE),
    });
    const said = await answer.text();
    const status = answer.type === "opaqueredirect" ? 401 : answer.status; // sent to a sign-in page: nobody is signed in
    return { status, ok: answer.ok, body: read(said), etag: answer.headers.get("ETag"), wait: answer.headers.get("Retry-After") };
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// Why an answer is none, in the app's own words where it gave some.
function reason(answer) {
  const said = answer.body?.detail || answer.body?.errors?.join("; ") || answer.body?.title;
  if (said) return sentence(said);
  if (answer.status === 429) return "Too much was asked at once.";
  return `The app answered ${answer.status} and did not say why.`;
}

function pageOf(asked, next, limit) {
  const given = Object.entries({ ...asked, limit, next }).filter(([, value]) => value);
  return `findings?${new URLSearchParams(given)}`;
}

const one = (id) => `findings/${encodeURIComponent(id)}`;
const signInAddress = (me) => {
  const from = me?.signIn;
  if (!from) return "";
  return `${from}${from.includes("?") ? "&" : "?"}post_login_redirect_uri=${encodeURIComponent(location.pathname + location.search)}`;
};
