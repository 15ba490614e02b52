// Compiles the contracts and writes artifacts/: one file for each contract that is deployed or called, with its ABI, its
// bytecode, and the compiler and the settings that make it. With --check it writes nothing, and fails if what is there
// differs.
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const solc = createRequire(import.meta.url)("solc");
const root = fileURLToPath(new URL("..", import.meta.url));
const contracts = ["IIpdmReceiver", "IpdmAnchor", "IpdmCaller", "IpdmGateway", "IpdmLightClient", "IpdmToken"];

// The same as in foundry.toml; test/Artifacts.t.sol fails if they are not.
const settings = {
  evmVersion: "cancun",
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  optimizer: { enabled: true, runs: 1000 },
};

function compile() {
  const sources = {};
  for (const file of readdirSync(join(root, "contracts")).sort()) {
    sources[`contracts/${file}`] = { content: readFileSync(join(root, "contracts", file), "utf8") };
  }
  const outputSelection = { "*": { "*": ["abi", "evm.bytecode.object"] } };
  const input = { language: "Solidity", sources, settings: { ...settings, outputSelection } };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  if (output.errors?.length) {
    for (const e of output.errors) console.error(e.formattedMessage);
    throw new Error(`failed to compile: ${output.errors.length} errors or warnings, expected none`);
  }
  return output.contracts;
}

function artifact(compiled, name) {
  const source = `contracts/${name}.sol`;
  const { abi, evm } = compiled[source][name];
  const made = { abi, bytecode: `0x${evm.bytecode.object}`, compiler: solc.version(), name, settings, source };
  return `${JSON.stringify(made, null, 1)}\n`;
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch (e) {
    if (e.code === "ENOENT") return undefined;
    throw e;
  }
}

const compiled = compile();
const folder = join(root, "artifacts");
const made = new Map(contracts.map((name) => [`${name}.json`, artifact(compiled, name)]));
if (process.argv.includes("--check")) {
  const names = new Set([...made.keys(), ...readdirSync(folder)]);
  const differing = [...names].filter((name) => made.get(name) !== read(join(folder, name)));
  if (differing.length) {
    console.error(`artifacts differ from what the contracts compile to: ${differing.sort().join(", ")}; run: make contracts`);
    process.exit(1);
  }
  console.log(`artifacts: ${made.size} are what the contracts compile to`);
} else {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [name, content] of made) writeFileSync(join(folder, name), content);
  console.log(`artifacts: ${made.size} written`);
}
