// Runs Azurite: `node azurite.js SCRIPT OPTIONS...`, until standard input closes.
const { createRequire } = require("node:module");

process.stdin.on("end", () => process.exit(0)).resume();
process.argv.splice(1, 1); // what Azurite expects to find there: itself, then its options
const script = process.argv[1];

// Its store, lokijs, sorts every index of a collection anew for each list of documents that is removed or updated.
// For messages that is at every call (with 10,000 of them a deletion takes 30 ms), for their bodies at each one that
// is cleared away (the emulator then answers nobody for a minute). Without an index it passes over all documents
// instead, which takes 5 ms and finds the same.
const PLAIN = ["$MESSAGES_COLLECTION$", "$EXTENTS_COLLECTION$"];
const { prototype } = createRequire(script)("lokijs").Collection;
const { ensureIndex } = prototype;
prototype.ensureIndex = function (...asked) {
  return PLAIN.includes(this.name) ? undefined : ensureIndex.apply(this, asked);
};

require(script);
