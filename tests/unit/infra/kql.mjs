// Microsoft's own parser of KQL on every query it is given: {tables: {name: {column: type}}, queries: {name: text}}
// on standard input, {name: [complaint]} on standard output.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(import.meta.url);
require("@kusto/language-service-next/bridge.min.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
const { KustoCode, GlobalState, Symbols } = Kusto.Language;

const given = JSON.parse(readFileSync(0, "utf8"));
const tables = Object.entries(given.tables).map(([name, columns]) => {
  const schema = Object.entries(columns).map(([column, type]) => `${column}: ${type}`).join(", ");
  return new Symbols.TableSymbol.$ctor7(name, `(${schema})`, null);
});
const database = new Symbols.DatabaseSymbol.$ctor3("workspace", null, tables, false);
const state = GlobalState.Default.WithDatabase(database);

const found = {};
for (const [name, query] of Object.entries(given.queries)) {
  const diagnostics = KustoCode.ParseAndAnalyze(query, state).GetDiagnostics();
  found[name] = [];
  for (let number = 0; number < diagnostics.Count; number++) {
    const each = diagnostics.getItem(number);
    found[name].push(`${each.Code}: ${each.Message}`);
  }
}
process.stdout.write(JSON.stringify(found));
