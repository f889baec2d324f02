/** What is started as the server, decided from plain values so that it can be read without an editor. */

export interface LaunchSettings {
  path: string;
  interpreter: string;
  args: readonly string[];
}

export interface Launch {
  command: string;
  args: string[];
}

/** The named program, else the named interpreter, else `shearpin` from the search path. */
export function launch(settings: LaunchSettings): Launch {
  const serve = ["serve", ...settings.args];
  if (settings.path.trim() !== "") {
    return { command: settings.path.trim(), args: serve };
  }
  if (settings.interpreter.trim() !== "") {
    return { command: settings.interpreter.trim(), args: ["-m", "shearpin", ...serve] };
  }
  return { command: "shearpin", args: serve };
}
