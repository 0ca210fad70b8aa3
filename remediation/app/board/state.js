// What the page knows, in one place.

const MOST_SHOWN_AT_ONCE = 100;
const state = {
  me: null,
  asked: readAddress(),
  rows: [], // what has been loaded of what was asked for
  shown: MOST_SHOWN_AT_ONCE,
  next: null, // where the app goes on, null at the end
  counts: null,
  etag: "", // of the first page, to notice that something changed
  asOf: "", // the app's clock when it last answered
  round: 0, // answers to what is no longer asked are left
  loading: false,
  finding: null, // the one that is open, in full
  summary: null,
  refused: null, // the answer by which nobody is let in, told anew when it is known who looks
};
