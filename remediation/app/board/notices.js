// What the reader must know before anything else: signed out, forbidden, offline, changed. One notice of a kind.

const KINDS = ["offline", "signed-out", "forbidden", "trouble", "key", "changed"];

function notice(kind, title, text = "", ...actions) {
  const made = element("div", { class: `notice ${kind}`, "data-kind": kind },
    element("p", {}, element("b", {}, title), text ? " " : "", text),
    actions.filter(Boolean));
  const place = byId("notices");
  const rank = KINDS.indexOf(kind);
  withdraw(kind);
  const after = [...place.children].find((other) => KINDS.indexOf(other.dataset.kind) > rank);
  place.insertBefore(made, after ?? null);
}

function withdraw(...kinds) {
  for (const kind of kinds) byId("notices").querySelector(`[data-kind="${kind}"]`)?.remove();
}

const dismissing = (kind) => button("Close", () => withdraw(kind), { class: "small" });

const linkTo = (address, text) => element("a", { href: address, class: "button" }, text);

function tellOffline() {
  document.body.classList.add("offline");
  notice("offline", "No connection to the app.",
    `${state.asOf ? `What you see is of ${whenExactly(state.asOf)}; nothing` : "Nothing"} can be done until it is back. It is tried again by itself.`,
    button("Try now", () => look()));
}

function tellBack() {
  document.body.classList.remove("offline");
  withdraw("offline");
}

// Where nothing may be seen there is nothing to filter either: the notice has the page to itself.
const shut = (yes) => document.body.classList.toggle("shut", yes && state.rows.length === 0 && state.finding === null);

function tellSignedOut() {
  shut(true);
  const address = signInAddress(state.me);
  if (address) {
    notice("signed-out", "You are not signed in.",
      "Findings are shown to people of this organisation. After signing in you are back here.",
      linkTo(address, "Sign in"));
  } else {
    notice("signed-out", "You are not signed in, and this app has no sign-in yet.",
      "Whoever deployed it turns it on (docs/deploy.md, \u201cSign in\u201d); until then the address with the function key shows this page.");
  }
}

function tellForbidden(answer) {
  shut(true);
  const about = state.me?.name ? `You are signed in as ${visible(state.me.name)}${state.me.objectId ? ` (${state.me.objectId})` : ""}.` : "";
  notice("forbidden", "You may not see this.", `${visible(reason(answer))} ${about}`);
}

// What an answer says that is no success, where it concerns the whole page.
function tellTrouble(answer) {
  state.refused = [401, 403].includes(answer.status) ? answer : null;
  if (answer.status === 401) tellSignedOut();
  else if (answer.status === 403) tellForbidden(answer);
  else notice("trouble", "The app cannot answer that now.", visible(reason(answer)), button("Try again", () => look()));
}

function tellGood() {
  state.refused = null;
  shut(false);
  withdraw("signed-out", "forbidden", "trouble");
}

function tellWho() {
  const me = state.me;
  const place = byId("who");
  withdraw("key");
  if (state.refused) tellTrouble(state.refused);
  if (me?.signedIn) {
    const may = ["apply", "exempt"].filter((right) => me.may?.[right]);
    fill(place, named(me.name || me.objectId),
      element("span", { class: "soft" }, may.length ? ` may ${may.join(" and ")}` : me.may?.read ? " may read" : " has no rights here"));
    return;
  }
  const address = signInAddress(me);
  fill(place, address ? linkTo(address, "Sign in") : "Not signed in");
  if (key) notice("key", "You look on with the function key.", "It reads and does nothing else: to act, sign in.", address ? linkTo(address, "Sign in") : null);
}
