// Where everything meets: what is asked is loaded and drawn, and looked at again every half minute.

const AGAIN = 30000;
const AGAIN_OFFLINE = 10000;
const WATCHED = 15;
const SMALL = "(max-width: 800px)";

// Runs what asks the app; a connection that is gone is told, and true says that it is there.
async function connected(asking) {
  try {
    await asking();
    tellBack();
    return true;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    tellOffline();
    return false;
  }
}

// Open findings come the worst first. All others come in no order: there the worst are asked for first, severity by severity.
function beginning() {
  const bySeverity = state.asked.state && !order().by && !state.asked.severity;
  return {
    rows: [], shown: MOST_SHOWN_AT_ONCE, next: null, probe: "", round: state.round + 1,
    parts: bySeverity ? SEVERITIES.map((severity) => ({ severity })) : [{}],
  };
}

// The next page of what was asked for: true while there may be more.
async function loadPage() {
  const round = state.round;
  const path = pageOf({ ...filters(state.asked), ...state.parts[0] }, state.next, order().by ? 500 : 100);
  const answer = await ask(path);
  if (round !== state.round) return false;
  if (!answer.ok) {
    tellTrouble(answer);
    return false;
  }
  tellGood();
  keepTime(answer.body.now);
  Object.assign(state, { counts: answer.body.counts, asOf: answer.body.now, next: answer.body.next ?? null });
  if (!state.probe) Object.assign(state, { probe: path, etag: answer.etag });
  if (!state.next) state.parts.shift();
  state.rows.push(...answer.body.findings);
  return state.parts.length > 0;
}

// Pages until so many rows are there; what has come by then is drawn as it comes.
async function loadUntil(most, drawn) {
  state.loading = true;
  const round = state.round;
  drawSaid();
  await connected(async () => {
    while (state.rows.length < most && await loadPage()) drawn();
  });
  tellTime();
  if (round !== state.round) return false;
  state.loading = false;
  return true;
}

// The list from its beginning. Other orders than by severity are made of all of it.
async function loadList() {
  Object.assign(state, beginning());
  withdraw("changed");
  const by = order().by;
  drawList();
  if (!await loadUntil(by ? Infinity : MOST_SHOWN_AT_ONCE, by ? tellSorting : drawLoaded)) return;
  if (by) state.rows.sort((one, other) => (by(one) < by(other) ? -1 : by(one) > by(other) ? 1 : 0));
  drawLoaded();
  drawEmpty();
}

function tellSorting() {
  byId("said").textContent = `Sorting \u2026 ${number(state.rows.length, "finding")} so far`;
}

function drawLoaded() {
  drawMore();
  drawCounts();
  drawOffers();
  if (state.rows.length) performance.mark("listed");
}

async function showMore() {
  if (state.loading || byId("more").hidden) return;
  state.shown = state.drawn + MOST_SHOWN_AT_ONCE;
  if (state.shown > state.rows.length && state.parts.length && !await loadUntil(state.shown, () => {})) return;
  drawLoaded();
}

async function loadFinding() {
  const id = state.asked.finding;
  drawFinding();
  if (!id) return;
  await connected(async () => {
    const answer = await ask(one(id));
    await timed; // ages go by the app's clock, which the list tells
    if (id !== state.asked.finding) return;
    if (answer.ok) {
      state.finding = answer.body;
      drawFinding();
    } else {
      if (answer.status === 401 || answer.status === 403) tellTrouble(answer);
      drawMissing(answer);
    }
    byId("heading")?.focus({ preventScroll: true });
  });
}

async function loadSummary() {
  await connected(async () => {
    const answer = await ask("summary?days=7");
    if (answer.ok) state.summary = answer.body;
    drawWeek();
    drawEmpty();
  });
}

async function loadMe() {
  await connected(async () => {
    const answer = await ask("me");
    state.me = answer.ok ? answer.body : null;
    tellWho();
  });
}

async function refreshCounts() {
  await connected(async () => {
    const answer = await ask(state.probe || pageOf(filters(state.asked), null, 100));
    if (!answer.ok) return;
    Object.assign(state, { counts: answer.body.counts, asOf: answer.body.now, etag: answer.etag });
    drawCounts();
    drawSaid();
  });
  await loadSummary();
}

// After a 202: until the finding is another, so many times; then the reader looks themselves.
async function watch(found) {
  for (let tries = 0; tries < WATCHED && state.asked.finding === found.id; tries += 1) {
    await new Promise((later) => setTimeout(later, 2000));
    const answer = await ask(one(found.id)).catch(() => null);
    if (!answer?.ok || state.asked.finding !== found.id || state.finding?.etag !== found.etag) return;
    if (answer.body.etag === found.etag) continue;
    take(answer.body);
    tellOutcome("It is done; this is how it is now.");
    refreshCounts();
    return;
  }
}

// Has anything changed? Told, and never moved under somebody's finger.
async function look() {
  if (state.me === null) await loadMe();
  await connected(async () => {
    if (!state.probe) return loadList();
    const answer = await ask(state.probe, { etag: state.etag });
    if (answer.status === 304) return;
    if (!answer.ok) return tellTrouble(answer);
    tellGood();
    keepTime(answer.body.now);
    state.asOf = answer.body.now;
    if (answer.etag === state.etag) return;
    state.counts = answer.body.counts;
    drawCounts();
    notice("changed", "There is news since you looked.", "", button("Show it", () => { loadList(); loadFinding(); loadSummary(); }));
  });
  if (state.asked.finding && state.finding?.id !== state.asked.finding) await loadFinding();
  if (state.summary === null) await loadSummary();
}

function narrow(changed) {
  go({ ...state.asked, ...changed, finding: "" });
}

// To another address of this page: what differs is loaded, and Back leads where one was.
function go(asked, { push = true } = {}) {
  const before = state.asked;
  state.asked = asked;
  if (push) history.pushState(null, "", written(asked));
  drawForm();
  if (written({ ...before, finding: "" }) !== written({ ...asked, finding: "" })) loadList();
  if (before.finding !== asked.finding) opened(before.finding);
}

function opened(before) {
  const id = state.asked.finding;
  withdraw("changed");
  markRow(id);
  drawWeek();
  loadFinding();
  if (id) {
    byId("side").scrollTop = 0;
    if (matchMedia(SMALL).matches) scrollTo(0, 0);
  } else {
    const row = rowOf(before);
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }
}

function drawForm() {
  for (const name of [...ASKED_FOR, "order"]) {
    const field = byId("filters").elements[name];
    if (field && document.activeElement !== field) field.value = state.asked[name];
  }
}

function start() {
  const form = byId("filters");
  byId("narrowing").open = !matchMedia(SMALL).matches;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", () => {
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
    go({ ...state.asked, ...values });
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-id], a.back");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go({ ...state.asked, finding: link.dataset.id ?? "" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.asked.finding && !byId("confirm").open) go({ ...state.asked, finding: "" });
    if (event.key === "ArrowDown" || event.key === "ArrowUp") stepRow(event);
  });
  byId("more").addEventListener("click", showMore);
  new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && showMore(), { rootMargin: "600px" }).observe(byId("more"));
  for (const name of ["popstate", "hashchange"]) addEventListener(name, () => go(readAddress(), { push: false }));
  addEventListener("online", () => look());
  addEventListener("offline", () => tellOffline());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
  drawForm();
  drawFinding();
  Promise.all([loadMe(), loadList(), loadFinding(), loadSummary()]).then(again);
}

// Up and down go through the rows, as in every list.
function stepRow(event) {
  if (!document.activeElement?.matches?.("#list .row")) return;
  const rows = [...byId("list").querySelectorAll(".row")];
  const next = rows[rows.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function again() {
  setTimeout(async () => {
    if (document.visibilityState === "visible") await look();
    again();
  }, document.body.classList.contains("offline") ? AGAIN_OFFLINE : AGAIN);
}

start();
