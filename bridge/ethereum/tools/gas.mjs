// Makes gas.md of what test/Gas.t.sol has measured, and prints it. With --check it writes nothing, and fails if what is
// there differs.
import { readFileSync, writeFileSync } from "node:fs";

const measured = new URL("../../../build/contracts/gas/gas.json", import.meta.url);
const committed = new URL("../gas.md", import.meta.url);

const rows = new Map();
for (const [key, value] of Object.entries(JSON.parse(readFileSync(measured, "utf8")))) {
  const [name, column] = key.split(" | ");
  rows.set(name, { ...rows.get(name), [column]: Number(value).toLocaleString("en") });
}
const names = [...rows.keys()].sort(new Intl.Collator("en", { numeric: true }).compare);
const table = names.map((name) => `| ${name} | ${rows.get(name).execution} | ${rows.get(name).transaction} |\n`).join("");
const page = `# Gas

Made by \`make contracts\` from what \`test/Gas.t.sol\` measures; \`make contracts-check\` fails if it differs. Execution is what
a call from another contract pays for beside its own 2,600 for an address that it has not touched. Transaction is all of it, with
21,000 and the calldata, as EIP-7623 counts it. All members sign the checkpoints; the outbox has a million messages; the accounts,
the limit and the word of the bitmap are in use already.

| what | execution | transaction |
|---|---:|---:|
${table}`;

process.stdout.write(page.slice(page.indexOf("| what")));
if (process.argv.includes("--check")) {
  if (readFileSync(committed, "utf8") !== page) {
    console.error("bridge/ethereum/gas.md differs from what was measured just now, above; run: make contracts");
    process.exit(1);
  }
} else {
  writeFileSync(committed, page);
}
