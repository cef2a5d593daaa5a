// Parses KQL with Microsoft's own language service. In: a JSON list of {name, query}, on standard input. Out: for each its
// faults, as JSON. Ends with 3 where the package is not installed: `npm ci --prefix tests/kql`.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const folder = path.join(__dirname, "node_modules", "@kusto", "language-service-next");
if (!fs.existsSync(folder)) process.exit(3);
// The two files are scripts for a browser: they want one global scope.
for (const file of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) {
    vm.runInThisContext(fs.readFileSync(path.join(folder, file), "utf8"), { filename: file });
}

const { KustoCode, GlobalState } = Kusto.Language;
const { DatabaseSymbol, TableSymbol } = Kusto.Language.Symbols;

// The columns that the queries may name, as Microsoft documents the tables.
const signIn = "(TimeGenerated: datetime, UserId: string, UserPrincipalName: string, AppId: string, IPAddress: string, ResultType: string)";
const tables = {
    SigninLogs: signIn,
    AADNonInteractiveUserSignInLogs: signIn,
    AuditLogs: "(TimeGenerated: datetime, OperationName: string, Category: string, InitiatedBy: dynamic, TargetResources: dynamic)",
};
const symbols = Object.entries(tables).map(([name, columns]) => TableSymbol.From(columns).WithName(name));
const database = new DatabaseSymbol.$ctor1("workspace", symbols);
const globals = GlobalState.Default.WithDatabase(database);

const queries = JSON.parse(fs.readFileSync(0, "utf8"));
const faults = queries.map(({ name, query }) => {
    const code = KustoCode.ParseAndAnalyze(query, globals);
    const found = [];
    const all = code.GetDiagnostics();
    for (let i = 0; i < all.Count; i++) {
        const one = all.getItem(i);
        found.push(`${one.Severity}: ${one.Message}`);
    }
    return { name, faults: found };
});
process.stdout.write(JSON.stringify(faults));
