/** Starts the server and hands the editor's documents to it. All knowledge about code lives in the server. */

import * as vscode from "vscode";
import {
  LanguageClient,
  type LanguageClientOptions,
  type Location,
  type Position,
} from "vscode-languageclient/node";

import { launch, type Launch } from "./command";

/** Carried out here, since only the editor can list places. The server names it in its lenses. */
const SHOW_REFERENCES = "shearpin.showReferences";

let client: LanguageClient | undefined;
let log: vscode.LogOutputChannel;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  log = vscode.window.createOutputChannel("Shearpin", { log: true });
  context.subscriptions.push(
    log,
    vscode.commands.registerCommand("shearpin.restart", restart),
    vscode.commands.registerCommand("shearpin.showLog", () => log.show()),
    vscode.commands.registerCommand(SHOW_REFERENCES, showReferences),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (["path", "interpreter", "args", "diagnostics.mode"].some((name) => event.affectsConfiguration(`shearpin.${name}`))) {
        await restart();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await stop();
}

async function showReferences(uri: string, position: Position, places: Location[]): Promise<void> {
  const convert = client?.protocol2CodeConverter;
  if (convert !== undefined) {
    await vscode.commands.executeCommand(
      "editor.action.showReferences",
      convert.asUri(uri),
      convert.asPosition(position),
      places.map((place) => convert.asLocation(place)),
    );
  }
}

async function restart(): Promise<void> {
  await stop();
  await start();
}

async function start(): Promise<void> {
  const server = configuredLaunch();
  log.info(`Starting ${[server.command, ...server.args].join(" ")}`);
  // No transport is named: the client then speaks over stdio without adding an argument of its own.
  const started = new LanguageClient("shearpin", "Shearpin", server, clientOptions());
  client = started;
  try {
    await started.start();
  } catch (error) {
    client = undefined;
    await reportFailure(server, error);
  }
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  if (running?.isRunning()) {
    await running.stop();
  }
}

/** Compose files have a language of their own in some editors; the server decides by path what it reads. */
function clientOptions(): LanguageClientOptions {
  const settings = vscode.workspace.getConfiguration("shearpin");
  const languages = ["python", "yaml", "helm", "dockercompose", "dockerfile", "toml", "dotenv", "proto", "proto3"];
  return {
    documentSelector: [
      ...languages.map((language) => ({ scheme: "file", language })),
      { scheme: "file", pattern: "**/{.env,.env.*,*.env,*.proto,Dockerfile,Dockerfile.*}" },
    ],
    outputChannel: log,
    traceOutputChannel: log,
    // Later changes reach the server by the synchronised section.
    initializationOptions: {
      diagnostics: {
        scope: settings.get<string>("diagnostics.scope", "open"),
        mode: settings.get<string>("diagnostics.mode", "push"),
      },
      codeLens: { enabled: settings.get<boolean>("codeLens.enabled", true) },
      inlayHints: { enabled: settings.get<boolean>("inlayHints.enabled", false) },
      acceptance: { summary: settings.get<string>("acceptance.summary", "lens") },
      clientCommands: [SHOW_REFERENCES],
    },
    synchronize: { configurationSection: "shearpin" },
  };
}

function configuredLaunch(): Launch {
  const settings = vscode.workspace.getConfiguration("shearpin");
  return launch({
    path: settings.get<string>("path", ""),
    interpreter: settings.get<string>("interpreter", ""),
    args: settings.get<string[]>("args", []),
  });
}

async function reportFailure(server: Launch, error: unknown): Promise<void> {
  log.error(`The server did not start: ${error instanceof Error ? error.message : String(error)}`);
  const settings = "Open Settings";
  const answer = await vscode.window.showErrorMessage(
    `Shearpin could not start "${server.command}". Install it with "pip install shearpin" or name it in the settings.`,
    settings,
    "Show Log",
  );
  if (answer === settings) {
    await vscode.commands.executeCommand("workbench.action.openSettings", "shearpin.");
  } else if (answer !== undefined) {
    log.show();
  }
}
