// What the page knows, in one place.

const MOST_SHOWN_AT_ONCE = 100;
const state = {
  me: null,
  asked: readAddress(),
  rows: [], // what has been loaded of what was asked for
  shown: MOST_SHOWN_AT_ONCE, // how many of them are to be on the page
  drawn: 0, // how many are
  parts: [], // what is still to be asked for, a severity each; empty at the end
  next: null, // where the app goes on within the first of them
  counts: null,
  probe: "", // what was asked for first, and the etag of the answer: asked again to notice that something changed
  etag: "",
  asOf: "", // the app's clock when it last answered
  round: 0, // answers to what is no longer asked are left
  loading: false,
  finding: null, // the one that is open, in full
  summary: null,
  refused: null, // the answer by which nobody is let in, told anew when it is known who looks
};
