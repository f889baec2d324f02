// A session in a real VS Code: the workbench in a headless browser, the extension host and the server behind it.
// Opens a file, waits for diagnostics, applies the first quick fix, saves, and tells as JSON what the user would see.
// Input in $EDITOR_SESSION: cmd (list), root, file, fix_line (1-based), install, extension, browser.
const fs = require("fs");
const net = require("net");
const os = require("os");
const path = require("path");
const { spawn } = require("child_process");

const session = JSON.parse(process.env.EDITOR_SESSION);
const { chromium } = require(path.join(session.install, "node_modules/playwright-core"));
const PATIENCE = 100000;
const out = {};
const state = fs.mkdtempSync(path.join(os.tmpdir(), "vscode-"));
let editor, browser, page;

async function finish(code) {
  if (browser) await browser.close().catch(() => {});
  if (editor) {
    try {
      process.kill(-editor.pid, "SIGTERM");
    } catch {}
    for (let rounds = 0; editor.exitCode === null && editor.signalCode === null && rounds < 50; rounds++) await pause(100);
  }
  fs.rmSync(state, { recursive: true, force: true, maxRetries: 5 });
  console.log(JSON.stringify(out));
  process.exit(code);
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(what, fits) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(200)) {
    const found = await fits();
    if (found) return found;
  }
  throw new Error(`waited in vain for ${what}`);
}

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function prepare() {
  const [program, ...rest] = session.cmd;
  const settings = {
    "shearpin.interpreter": program,
    "workbench.startupEditor": "none",
    "security.workspace.trust.enabled": false,
    "telemetry.telemetryLevel": "off",
    "extensions.autoUpdate": false,
    "update.mode": "none",
    "editor.minimap.enabled": false,
    "problems.autoReveal": false,
    "files.autoSave": "off",
    "git.enabled": false,
  };
  if (rest.join(" ") !== "-m shearpin serve") throw new Error(`the extension starts another command than ${rest}`);
  fs.mkdirSync(path.join(state, "data/User"), { recursive: true });
  fs.writeFileSync(path.join(state, "data/User/settings.json"), JSON.stringify(settings));
  const manifest = JSON.parse(fs.readFileSync(path.join(session.extension, "package.json")));
  const folder = path.join(state, "extensions", `${manifest.publisher}.${manifest.name}-${manifest.version}`);
  fs.cpSync(session.extension, folder, { recursive: true });
}

async function start() {
  const port = await freePort();
  const log = fs.openSync(path.join(state, "log"), "w");
  const entry = path.join(session.install, "node_modules/code-server/out/node/entry.js");
  const options = ["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check"];
  options.push("--user-data-dir", path.join(state, "data"), "--extensions-dir", path.join(state, "extensions"));
  const env = { ...process.env, HOME: state, XDG_DATA_HOME: state, XDG_CONFIG_HOME: state };
  editor = spawn(process.execPath, [entry, ...options, session.root], { env, detached: true, stdio: ["ignore", log, log] });
  const address = `127.0.0.1:${port}`;
  const open = JSON.stringify([["openFile", `vscode-remote://${address}${session.file}`]]);
  const url = `http://${address}/?folder=${encodeURIComponent(session.root)}&payload=${encodeURIComponent(open)}`;
  await until("the editor to listen", () => fetch(url).then((response) => response.ok, () => false));
  browser = await chromium.launch({ executablePath: session.browser, args: ["--no-sandbox", "--disable-gpu"] });
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(url);
  await page.waitForSelector(".monaco-editor .view-line");
}

async function command(name) {
  await page.keyboard.press("F1");
  await page.waitForSelector(".quick-input-widget input:visible");
  await page.keyboard.type(name);
  await page.waitForSelector(`.quick-input-list .monaco-list-row[aria-label*="${name.split(": ").pop()}"]`);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".quick-input-widget", { state: "hidden" });
}

async function problems() {
  const rows = await page.$$eval(".markers-panel .monaco-list-row", (found) =>
    found.map((row) => [row.getAttribute("aria-label") || "", row.textContent]),
  );
  return rows.flatMap(([label, text]) => {
    const place = /at line (\d+) and character (\d+)/.exec(label);
    if (!place) return [];
    const code = /shearpin([a-z-]+)\[Ln/.exec(text); // source, code and place follow the message without a blank
    return [{ line: Number(place[1]), column: Number(place[2]), code: code && code[1], message: label }];
  });
}

async function fix() {
  await command("View: Focus Active Editor Group");
  await page.keyboard.press("Control+G");
  await page.waitForSelector(".quick-input-widget input:visible");
  await page.keyboard.type(String(session.fix_line));
  await page.keyboard.press("Enter");
  await page.waitForSelector(".quick-input-widget", { state: "hidden" });
  await page.keyboard.press("Home");
  await page.keyboard.press("Control+.");
  await page.waitForSelector(".action-widget .monaco-list-row.action");
  await pause(500); // the menu takes no key while it opens
  out.actions = await page.$$eval(".action-widget .monaco-list-row.action", (rows) => rows.map((row) => row.textContent));
  await page.keyboard.press("Enter");
  await until("the finding to go", async () => (await problems()).length === 0);
}

async function run() {
  prepare();
  await start();
  await command("View: Focus Problems");
  out.before = await until("a finding", async () => ((found) => found.length && found)(await problems()));
  await fix();
  await command("View: Focus Active Editor Group");
  const before = fs.readFileSync(session.file, "utf8");
  await page.keyboard.press("Control+S");
  out.text = await until("the file to be saved", () => ((text) => text !== before && text)(fs.readFileSync(session.file, "utf8")));
  out.after = await problems();
  out.messages = await page.$$eval(".notification-list-item-message", (found) => found.map((one) => one.textContent));
}

run().then(
  () => finish(0),
  async (error) => {
    out.error = String(error);
    out.log = fs.existsSync(path.join(state, "log")) ? fs.readFileSync(path.join(state, "log"), "utf8").slice(-1500) : "";
    if (page && process.env.EDITOR_PICTURE) await page.screenshot({ path: process.env.EDITOR_PICTURE }).catch(() => {});
    await finish(1);
  },
);
