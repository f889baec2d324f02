"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const picture = byId("picture"), scene = byId("scene"), panel = byId("panel"), table = byId("table");
  const nodes = [...picture.querySelectorAll("[data-node]")].sort((a, b) => a.dataset.node - b.dataset.node);
  const lines = [];
  for (const element of picture.querySelectorAll("[data-line]")) lines[element.dataset.line] = element;
  const labels = {};
  for (const element of picture.querySelectorAll("[data-label]")) labels[element.dataset.label] = element;
  const numberOf = new Map(data.nodes.map((node, index) => [node.name, index]));
  const nodeOf = (name) => data.nodes[numberOf.get(name)];
  const colourOf = (protocol) => "c" + (data.protocols.indexOf(protocol) % 8);
  const shown = new Set(data.protocols);

  // ------------------------------------------------------------- elements

  // Texts of the workspace enter the page here only, as texts.
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
    return element;
  };
  const link = (text, act) => make("button", { type: "button", class: "link", click: act }, text);
  const place = (item) => make("span", { class: "place" }, item.file + ":" + item.line);

  // ------------------------------------------------------------ pan, zoom

  const whole = picture.viewBox.baseVal;
  const size = { width: whole.width, height: whole.height };
  let chosen = null;
  let view = { x: 0, y: 0, width: size.width, height: size.height };
  const apply = () => picture.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
  const room = () => {
    const box = picture.getBoundingClientRect();
    return { width: Math.max(box.width, 50), height: Math.max(box.height, 50) };
  };
  // The scale stays when the room changes: opening the panel hides a strip of the picture and shrinks nothing.
  let scaleNow = 1;
  const setScale = (scale, at) => {
    const box = room(), before = 1 / scaleNow;
    const clamped = Math.min(4, Math.max(Math.min(0.1, box.width / size.width / 2), scale));
    const point = at || { x: box.width / 2, y: box.height / 2 };
    const x = view.x + point.x * before, y = view.y + point.y * before;
    view = { x: x - point.x / clamped, y: y - point.y / clamped, width: box.width / clamped, height: box.height / clamped };
    scaleNow = clamped;
    apply();
  };
  const resized = () => setScale(scaleNow, { x: 0, y: 0 });
  // The first look is readable: a large picture starts at its upper left corner instead of shrinking to dust.
  const fit = (least) => {
    const box = room();
    const bottom = 56;
    const full = Math.min(box.width / size.width, (box.height - bottom) / size.height, 1.25);
    const scale = Math.max(full, least || 0);
    const width = box.width / scale, height = box.height / scale;
    scaleNow = scale;
    view = {
      x: size.width < width ? (size.width - width) / 2 : 0,
      y: size.height < height - bottom / scale ? (size.height - height + bottom / scale) / 2 : 0,
      width, height,
    };
    apply();
  };
  const reveal = (element) => {
    const box = element.getBBox(), margin = 30 / scaleNow;
    if (box.x < view.x + margin || box.x + box.width > view.x + view.width - margin) {
      view.x = box.x + box.width / 2 - view.width / 2;
    }
    if (box.y < view.y + margin || box.y + box.height > view.y + view.height - margin * 3) {
      view.y = box.y + box.height / 2 - view.height / 2;
    }
    apply();
  };
  // Fit what is chosen and what it is joined to.
  const frame = () => {
    const near = [...nodes, ...lines].filter((element) => chosen && !element.classList.contains("faded") && !element.classList.contains("off"));
    const boxes = near.map((element) => element.getBBox());
    if (!boxes.length) return fit(0);
    const left = Math.min(...boxes.map((box) => box.x)) - 30, top = Math.min(...boxes.map((box) => box.y)) - 30;
    const right = Math.max(...boxes.map((box) => box.x + box.width)) + 30, bottom = Math.max(...boxes.map((box) => box.y + box.height)) + 30;
    const space = room(), scale = Math.min(space.width / (right - left), (space.height - 60) / (bottom - top), 1.25);
    view.x = (left + right) / 2 - space.width / scale / 2;
    view.y = (top + bottom) / 2 - (space.height - 60) / scale / 2;
    scaleNow = scale;
    resized();
  };
  picture.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = picture.getBoundingClientRect();
    setScale(scaleNow * Math.exp(-event.deltaY * 0.0015), { x: event.clientX - box.left, y: event.clientY - box.top });
  }, { passive: false });
  let drag = null, moved = false;
  picture.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, viewX: view.x, viewY: view.y };
    moved = false;
  });
  addEventListener("pointermove", (event) => {
    if (!drag) return;
    const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
    if (Math.abs(dx) + Math.abs(dy) < 4 && !moved) return;
    moved = true;
    picture.classList.add("dragged");
    const scale = scaleNow;
    view.x = drag.viewX - dx / scale;
    view.y = drag.viewY - dy / scale;
    apply();
  });
  addEventListener("pointerup", () => { drag = null; picture.classList.remove("dragged"); });
  byId("closer").addEventListener("click", () => setScale(scaleNow * 1.3));
  byId("farther").addEventListener("click", () => setScale(scaleNow / 1.3));
  byId("whole").addEventListener("click", () => frame());
  addEventListener("resize", resized);

  // ------------------------------------------------------ what is visible

  const visibleEdges = (line) => line.edges.filter((index) => shown.has(data.edges[index].protocol));
  const filterLines = () => {
    data.lines.forEach((line, index) => {
      const edges = visibleEdges(line), element = lines[index], label = labels[index];
      element.classList.toggle("off", !edges.length);
      if (label) label.classList.toggle("off", edges.length !== line.edges.length);
      if (!edges.length) return;
      const protocols = [...new Set(edges.map((number) => data.edges[number].protocol))];
      const first = element.querySelector(".first"), second = element.querySelector(".second");
      first.setAttribute("class", "first " + colourOf(protocols[0]));
      first.setAttribute("marker-end", `url(#head${data.protocols.indexOf(protocols[0]) % 8})`);
      if (second) second.setAttribute("class", protocols.length > 1 ? "second " + colourOf(protocols[1]) : "off");
    });
  };
  for (const box of byId("protocols").querySelectorAll("input")) {
    box.addEventListener("change", () => {
      if (box.checked) shown.add(box.value); else shown.delete(box.value);
      filterLines();
      if (!table.hidden) fillTable();
    });
  }

  // ------------------------------------------------------------- choosing

  const mark = () => {
    const near = new Set(), used = new Set();
    if (chosen) {
      data.lines.forEach((line, index) => {
        const ends = [numberOf.get(line.tail), numberOf.get(line.head)];
        const hit = chosen.kind === "node" ? ends.includes(chosen.index) : chosen.index === index;
        if (hit) { used.add(index); ends.forEach((end) => near.add(end)); }
      });
      if (chosen.kind === "node") near.add(chosen.index);
    }
    nodes.forEach((element, index) => {
      element.classList.toggle("faded", Boolean(chosen) && !near.has(index));
      element.classList.toggle("chosen", Boolean(chosen) && chosen.kind === "node" && chosen.index === index);
    });
    lines.forEach((element, index) => {
      element.classList.toggle("faded", Boolean(chosen) && !used.has(index));
      element.classList.toggle("chosen", Boolean(chosen) && chosen.kind === "line" && chosen.index === index);
      if (labels[index]) labels[index].classList.toggle("faded", Boolean(chosen) && !used.has(index));
    });
  };
  const choose = (kind, index, focus) => {
    chosen = { kind, index };
    mark();
    panel.replaceChildren(
      make("button", { type: "button", class: "close", "aria-label": "Close details", click: () => leave(true) }, "×"),
      ...(kind === "node" ? aboutNode(index) : aboutLine(index)),
    );
    const opens = panel.hidden;
    panel.hidden = false;
    panel.scrollTop = 0;
    if (opens) resized();
    if (kind === "node") { current = index; roving(); reveal(nodes[index]); }
    if (focus) panel.focus();
  };
  const leave = (focus) => {
    const last = chosen;
    chosen = null;
    mark();
    panel.hidden = true;
    resized();
    if (focus && last && last.kind === "node") nodes[last.index].focus();
    else if (focus) nodes[current]?.focus();
  };

  // -------------------------------------------------------------- details

  const finding = (index) => {
    const item = data.findings[index];
    return make("div", { class: "finding " + item.severity },
      make("strong", {}, item.rule), " ", item.message, make("br"), place(item));
  };
  const fact = (name, attribute) => attribute && [
    make("dt", {}, name),
    make("dd", { class: attribute.value === "none" ? "none" : "" },
      attribute.value + (attribute.origin ? ` (${attribute.origin})` : "")),
  ];
  const use = (index) => {
    const edge = data.edges[index];
    const how = [edge.mode === "async" ? "message" : edge.style === "asyncio" ? "awaited" : "blocking"];
    if (edge.confidence !== "certain") how.push(edge.confidence);
    const facts = [fact("timeout", edge.timeout), fact("attempts", edge.attempts), fact("breaker", edge.breaker)];
    return make("div", { class: "use" },
      make("h4", {}, edge.op || edge.protocol),
      make("div", {}, make("span", { class: "tag " + colourOf(edge.protocol) }, edge.protocol), how.join(", ")),
      place(edge),
      edge.reason && make("div", { class: "lost-why" }, "not known: " + edge.reason),
      facts.some(Boolean) ? make("dl", {}, ...facts.flat().filter(Boolean)) : null,
      edge.via.length ? make("div", { class: "place" }, "known by " + edge.via.join(", ")) : null,
      edge.evidence.length
        ? make("ol", {}, ...edge.evidence.map((step) => make("li", {}, step.note, " ", place(step)))) : null,
      ...edge.findings.map(finding));
  };
  const list = (title, items) => items.length ? [make("h3", {}, `${title} (${items.length})`), ...items] : [];
  const lineItem = (index, other) => {
    const line = data.lines[index], edges = visibleEdges(line);
    const operations = [...new Set(edges.map((number) => data.edges[number].op || data.edges[number].protocol))];
    return make("li", {}, link(nodeOf(other).label, () => choose("line", index, true)),
      make("div", { class: "place" }, operations.slice(0, 4).join(", ") + (operations.length > 4 ? ` and ${operations.length - 4} more` : "")));
  };
  const aboutNode = (index) => {
    const node = data.nodes[index], outgoing = [], incoming = [];
    data.lines.forEach((line, number) => {
      if (!visibleEdges(line).length) return;
      if (line.tail === node.name) outgoing.push(lineItem(number, line.head));
      else if (line.head === node.name) incoming.push(lineItem(number, line.tail));
    });
    const plain = (title, items) => items.length
      ? [make("h3", {}, `${title} (${items.length})`), make("ul", { class: "plain" }, ...items)] : [];
    const forward = node.kind === "topic" ? "consumed by" : "uses", backward = node.kind === "topic" ? "published by" : "used by";
    return [
      make("h2", {}, node.label),
      make("div", { class: "place" }, node.kind === "datastore" ? "store" : node.kind),
      node.about.length
        ? make("dl", {}, ...node.about.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)])) : "",
      ...list("findings", node.findings.map(finding)),
      ...plain(forward, outgoing),
      ...plain(backward, incoming),
      ...list("not known where", node.unknown.filter((number) => shown.has(data.edges[number].protocol)).map(use)),
      ...plain("serves", node.endpoints.map((item) => make("li", {}, item.op, " ", place(item),
        item.registered ? "" : make("span", { class: "lost-why" }, " not registered on an application")))),
    ];
  };
  const aboutLine = (index) => {
    const line = data.lines[index], edges = visibleEdges(line);
    const end = (name) => link(nodeOf(name).label, () => choose("node", numberOf.get(name), true));
    return [
      make("h2", {}, end(line.tail), " → ", end(line.head)),
      make("div", { class: "place" }, `${edges.length} ${edges.length === 1 ? "use" : "uses"}`),
      ...edges.map(use),
    ];
  };

  // ------------------------------------------------------------- keyboard

  let current = 0;
  // One stop for Tab; arrows move inside the picture.
  const roving = () => nodes.forEach((element, index) => element.setAttribute("tabindex", index === current ? "0" : "-1"));
  const go = (index) => {
    if (index === undefined) return;
    current = index;
    roving();
    nodes[index].focus({ preventScroll: true });
    reveal(nodes[index]);
  };
  const boxOf = (index) => nodes[index].querySelector(".shape").getBBox();
  const nearest = (candidates) => {
    const here = boxOf(current), x = here.x + here.width / 2, y = here.y + here.height / 2;
    let best, least = Infinity;
    for (const index of candidates) {
      const box = boxOf(index);
      const distance = Math.hypot((box.x + box.width / 2 - x), 2 * (box.y + box.height / 2 - y));
      if (index !== current && distance < least) { least = distance; best = index; }
    }
    return best;
  };
  const move = (key) => {
    const here = boxOf(current), sideways = key === "ArrowLeft" || key === "ArrowRight";
    const all = data.nodes.map((_, index) => index), sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
    if (sideways) {
      const near = data.lines.flatMap((line) => {
        const ends = [numberOf.get(line.tail), numberOf.get(line.head)];
        return ends[0] === current ? [ends[1]] : ends[1] === current ? [ends[0]] : [];
      });
      const there = (index) => sign * (boxOf(index).x - here.x) > 1;
      return go(nearest(near.filter(there)) ?? nearest(all.filter(there)));
    }
    const there = (index) => sign * (boxOf(index).y - here.y) > 1;
    const column = all.filter((index) => {
      const box = boxOf(index);
      return box.x < here.x + here.width && here.x < box.x + box.width;
    });
    return go(nearest(column.filter(there)) ?? nearest(all.filter(there)));
  };
  picture.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const owner = event.target.closest("[data-node], [data-line]");
    if (event.key.startsWith("Arrow")) { event.preventDefault(); move(event.key); }
    else if ((event.key === "Enter" || event.key === " ") && owner) {
      event.preventDefault();
      if (owner.dataset.node) choose("node", Number(owner.dataset.node), true);
      else choose("line", Number(owner.dataset.line), true);
    } else if (event.key === "Home") { event.preventDefault(); go(0); }
    else if (event.key === "End") { event.preventDefault(); go(nodes.length - 1); }
  });
  picture.addEventListener("click", (event) => {
    if (moved) return;
    const owner = event.target.closest("[data-node], [data-line]");
    if (!owner) return leave(false);
    if (owner.dataset.node) choose("node", Number(owner.dataset.node), false);
    else choose("line", Number(owner.dataset.line), false);
  });
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input[type=search]");
    if (event.key === "/" && !typing) { event.preventDefault(); search.focus(); search.select(); }
    else if (event.key === "Escape") {
      if (typing && search.value) { search.value = ""; find(); }
      else if (!panel.hidden) leave(true);
      else if (typing) go(current);
    } else if (!typing && table.hidden && event.key === "+") setScale(scaleNow * 1.3);
    else if (!typing && table.hidden && event.key === "-") setScale(scaleNow / 1.3);
    else if (!typing && table.hidden && event.key === "0") frame();
  });

  // --------------------------------------------------------------- search

  const search = byId("search"), found = byId("found");
  const texts = data.nodes.map((node) => [node.label, node.note, ...node.about.flat(), ...node.endpoints.map((item) => item.op + " " + item.file)]
    .join("\n").toLowerCase());
  const useTexts = data.edges.map((edge) => [edge.op, edge.file + ":" + edge.line, edge.reason].join("\n").toLowerCase());
  const edgeTexts = data.edges.map((edge, index) => [useTexts[index], edge.protocol, nodeOf(edge.node)?.label,
    edge.other ? nodeOf(edge.other).label : "unknown"].join("\n").toLowerCase());
  let hits = [];
  const find = () => {
    const words = search.value.trim().toLowerCase();
    const uses = new Set(words ? data.edges.map((_, index) => index).filter((index) => useTexts[index].includes(words)) : []);
    const ends = new Set([...uses].flatMap((index) => [data.edges[index].node, data.edges[index].other]));
    hits = words ? data.nodes.map((_, index) => index)
      .filter((index) => texts[index].includes(words) || ends.has(data.nodes[index].name)) : [];
    // names first
    hits.sort((a, b) => data.nodes[b].label.toLowerCase().includes(words) - data.nodes[a].label.toLowerCase().includes(words));
    const set = new Set(hits);
    nodes.forEach((element, index) => {
      element.classList.toggle("hit-by-search", set.has(index));
      element.classList.toggle("faded", Boolean(words) && !set.has(index));
    });
    const named = new Set(hits.filter((index) => texts[index].includes(words)).map((index) => data.nodes[index].name));
    data.lines.forEach((line, index) => {
      const isFaded = Boolean(words) && !named.has(line.tail) && !named.has(line.head) && !line.edges.some((number) => uses.has(number));
      lines[index].classList.toggle("faded", isFaded);
      labels[index]?.classList.toggle("faded", isFaded);
    });
    found.textContent = words ? `${hits.length} found` : "";
    if (!words) mark();
    if (hits.length && table.hidden) reveal(nodes[hits[0]]);
    if (!table.hidden) fillTable();
  };
  search.addEventListener("input", find);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && hits.length) {
      event.preventDefault();
      if (table.hidden) { choose("node", hits[0], false); go(hits[0]); }
    } else if (event.key === "ArrowDown" && hits.length && table.hidden) { event.preventDefault(); go(hits[0]); }
  });

  // ---------------------------------------------------------------- table

  const attribute = (item) => item ? item.value + (item.origin ? ` (${item.origin})` : "") : "";
  const columns = [
    ["From", (edge) => nodeOf(edge.node)?.label ?? edge.node],
    ["To", (edge) => edge.other ? nodeOf(edge.other).label : "unknown"],
    ["Protocol", (edge) => edge.protocol],
    ["Operation", (edge) => edge.op],
    ["Where", (edge) => edge.file + ":" + edge.line],
    ["Timeout", (edge) => attribute(edge.timeout)],
    ["Attempts", (edge) => attribute(edge.attempts)],
    ["Breaker", (edge) => attribute(edge.breaker)],
    ["Not known", (edge) => edge.reason],
    ["Findings", (edge) => edge.findings.map((index) => data.findings[index].rule).join(", ")],
  ];
  let sorting = { column: 0, sign: 1 };
  const fillTable = () => {
    const words = search.value.trim().toLowerCase();
    const rows = data.edges.map((edge, index) => index)
      .filter((index) => shown.has(data.edges[index].protocol) && (!words || edgeTexts[index].includes(words)));
    const value = columns[sorting.column][1];
    rows.sort((a, b) => sorting.sign * value(data.edges[a]).localeCompare(value(data.edges[b]), undefined, { numeric: true }) || a - b);
    const head = make("tr", {}, ...columns.map(([name], column) => make("th",
      { scope: "col", "aria-sort": column === sorting.column ? (sorting.sign > 0 ? "ascending" : "descending") : false },
      make("button", { type: "button", click: () => {
        sorting = { column, sign: column === sorting.column ? -sorting.sign : 1 };
        fillTable();
        table.querySelectorAll("thead button")[column].focus();
      } }, name + (column === sorting.column ? (sorting.sign > 0 ? " ↑" : " ↓") : "")))));
    const body = rows.map((index) => {
      const edge = data.edges[index];
      return make("tr", {}, ...columns.map(([name, text], column) => {
        const content = text(edge);
        if (column === 0 && numberOf.has(edge.node)) return make("th", { scope: "row" }, link(content, () => choose("node", numberOf.get(edge.node), true)));
        if (column === 1 && edge.other) return make("td", {}, link(content, () => choose("node", numberOf.get(edge.other), true)));
        return make("td", { class: name === "Where" ? "place" : content === "none" || content.startsWith("none (") ? "none" : "" }, content);
      }));
    });
    table.replaceChildren(make("table", {},
      make("caption", {}, `${rows.length} of ${data.edges.length} uses`), make("thead", {}, head), make("tbody", {}, ...body)));
  };
  const show = (isTable) => {
    table.hidden = !isTable;
    byId("view").hidden = isTable;
    byId("as-table").setAttribute("aria-pressed", String(isTable));
    byId("as-picture").setAttribute("aria-pressed", String(!isTable));
    if (isTable) fillTable();
  };
  byId("as-table").addEventListener("click", () => show(true));
  byId("as-picture").addEventListener("click", () => show(false));
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); show(true); table.querySelector("button")?.focus(); });

  // ---------------------------------------------------------------- theme

  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
  });

  roving();
  filterLines();
  fit(0.7);
  // #node=NAME, #table and #dark open the page in a state, for links to it.
  for (const wish of decodeURIComponent(location.hash.slice(1)).split("&")) {
    if (wish === "table") show(true);
    else if (wish === "dark" || wish === "light") document.documentElement.dataset.theme = wish;
    else if (wish.startsWith("node=") && numberOf.has(wish.slice(5))) choose("node", numberOf.get(wish.slice(5)), false);
    else if (wish.startsWith("find=")) { search.value = wish.slice(5); find(); }
  }
})();
