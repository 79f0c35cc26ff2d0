// The explorer: any column against any other. Its view is kept in the address: #explorer?x=…&y=…&xlog=1&color=kind.
const explorer = (() => {
  const MOST_ROWS = 200; // of the table below the chart; the file has all
  const CHOICES = { color: ["kind", "family", "model", "depth"], line: ["each kind", "trained networks", "none"] };
  let settings, layers, state, host, view, shown = [], chosen = null, changed = false, drawing = null;
  const columns = () => Object.fromEntries(settings.columns.map(column => [column.name, column]));
  const label = name => columns()[name].label;

  // ---- The view and its address -------------------------------------------------------------------------------------
  const first = () => ({ ...settings.first, color: "kind", line: "each kind", model: "", text: "", hidden: [] });

  function fromAddress() {
    const given = new URLSearchParams(location.hash.split("?")[1] ?? "");
    const next = first(), known = columns();
    for (const axis of ["x", "y"]) {
      if (known[given.get(axis)]) {
        next[axis] = given.get(axis);
        next[`${axis}log`] = given.has(`${axis}log`) ? given.get(`${axis}log`) === "1" : !!known[next[axis]].log;
      }
    }
    for (const key of ["color", "line"]) if (CHOICES[key].includes(given.get(key))) next[key] = given.get(key);
    for (const key of ["model", "text"]) next[key] = given.get(key) ?? "";
    next.hidden = given.getAll("hidden").filter(kind => kind in settings.kinds);
    return next;
  }

  function address() {
    const given = new URLSearchParams({ x: state.x, y: state.y, xlog: +state.xlog, ylog: +state.ylog,
      color: state.color, line: state.line });
    for (const key of ["model", "text"]) if (state[key]) given.set(key, state[key]);
    state.hidden.forEach(kind => given.append("hidden", kind));
    return `#explorer?${given}`;
  }

  const here = () => location.hash.startsWith("#explorer?");

  function change(parts) {
    Object.assign(state, parts);
    history.replaceState(null, "", address());
    refresh();
  }

  // ---- Points ------------------------------------------------------------------------------------------------------
  /** The layers that pass the filters and have both values (positive ones, on a logarithmic axis). */
  function points() {
    const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    const drawn = (value, log) => Number.isFinite(value) && (!log || value > 0);
    return layers.filter(row => !state.hidden.includes(row.kind) && (!state.model || row.model === state.model)
      && words.every(word => `${row.model} ${row.layer} ${row.kind} ${row.family}`.toLowerCase().includes(word))
      && drawn(row[state.x], state.xlog) && drawn(row[state.y], state.ylog))
      .map(row => ({ model: row.model, layer: row.layer, kind: row.kind, group: row.group, family: row.family,
        depth: row.depth, x: row[state.x], y: row[state.y] }));
  }

  /** Points by the lines that they have a part in. Baselines have none. */
  function groups() {
    if (state.line === "none") return [];
    if (state.line === "trained networks") return [["trained networks", shown.filter(row => row.group === "trained")]];
    return Object.keys(settings.kinds).map(kind => [kind,
      shown.filter(row => row.kind === kind && row.group !== "baseline")]);
  }

  const lines = () => groups().map(([name, rows]) => ({ name, rows, ...fittedLine(rows, state, settings.t) }))
    .filter(line => line.line.length);

  // ---- The chart ---------------------------------------------------------------------------------------------------
  function spec(fits) {
    const domain = (name, log) => {
      const values = shown.map(row => log ? Math.log(row[name]) : row[name]);
      const [low, high] = [Math.min(...values), Math.max(...values)], room = 0.05 * (high - low || Math.abs(low) || 1);
      return [low - room, high + room].map(value => log ? Math.exp(value) : value);
    };
    const channel = axis => ({ field: axis, type: "quantitative", title: label(state[axis]),
      axis: { titleLimit: 500, tickCount: 6, ...(state[`${axis}log`] ? { format: "~g" } : {}) },
      scale: { type: state[`${axis}log`] ? "log" : "linear", domain: shown.length ? domain(axis, state[`${axis}log`]) : [1, 2],
        nice: false, ...(state[`${axis}log`] ? {} : { zero: false }) } });
    const names = Object.keys(settings.kinds), many = new Set(shown.map(row => row[state.color])).size > 24;
    const ofKind = index => ({ domain: names, range: names.map(name => settings.kinds[name][index]) });
    const legend = { orient: "bottom", columns: { expr: "max(1, floor((containerSize()[0] - 80) / 130))" }, symbolOpacity: 1 };
    const color = state.color === "kind" ? { field: "kind", type: "nominal", title: null, scale: ofKind(0), legend: names.length > 1 ? legend : null }
      : state.color === "depth" ? { field: "depth", type: "quantitative", title: "relative depth", scale: { scheme: "viridis" },
        legend: { orient: "bottom" } }
      : { field: state.color, type: "nominal", title: null, scale: { scheme: "tableau20" }, legend: many ? null : legend };
    const shape = { field: "kind", type: "nominal", title: null, scale: ofKind(1), legend: names.length > 1 ? legend : null };
    const format = { type: "quantitative", format: ".4" };
    const tooltip = [...["model", "layer", "kind", "family"].map(field => ({ field, type: "nominal" })),
      { field: "x", title: label(state.x), ...format }, { field: "y", title: label(state.y), ...format }];
    const encoding = { x: channel("x"), y: channel("y"), color, shape, tooltip };
    const ink = name => settings.kinds[name]?.[0] ?? "#808080";
    const fit = fits.flatMap(({ name, line }) => [
      { data: { values: line }, mark: { type: "area", clip: true, opacity: 0.15, color: ink(name) },
        transform: [{ filter: "isValid(datum.low)" }], encoding: { x: channel("x"), y: { ...channel("y"), field: "low" }, y2: { field: "high" } } },
      { data: { values: line }, mark: { type: "line", clip: true, strokeWidth: 2, color: ink(name) },
        encoding: { x: channel("x"), y: channel("y") } }]);
    return { $schema: "https://vega.github.io/schema/vega-lite/v6.json", width: "container", height: 420,
      autosize: { type: "fit-x", contains: "padding" },
      data: { values: shown }, layer: [...fit,
        { transform: [{ filter: "datum.group == 'trained'" }],
          mark: { type: "point", filled: true, size: 48, opacity: 0.8 }, encoding },
        { transform: [{ filter: "datum.group != 'trained'" }], mark: { type: "point", filled: false, size: 48 }, encoding }],
      resolve: { scale: { color: "shared", shape: "shared" } } };
  }

  /** Draw the present state; changes while it is drawn are drawn together afterward. */
  async function refresh() {
    changed = true;
    drawing ??= (async () => {
      while (changed) {
        changed = false;
        await redraw();
      }
    })().finally(() => { drawing = null; });
    return drawing;
  }

  async function redraw() {
    shown = points();
    chosen = null;
    const fits = lines();
    part("summary").replaceChildren(...sentences(fits));
    fill();
    view = await draw(part("plot"), spec(fits));
    lasso(view, shown, inside => { chosen = inside; list(); });
    list();
  }

  function sentences(fits) {
    const count = (n, thing) => `${n.toLocaleString("en")} ${thing}${n === 1 ? "" : "s"}`;
    const distinct = (rows, field) => new Set(rows.map(row => row[field])).size;
    const number = value => value.toFixed(2).replace("-", "−");
    const texts = fits.map(({ name, rows, r, low, high }) => {
      const interval = low === null ? "" : ` [${number(low)}, ${number(high)}]`;
      return `${name || "all"}: r = ${number(r)}${interval}, ${count(rows.length, "layer")} of ${count(distinct(rows, "model"), "model")}`;
    });
    texts.unshift(`${count(shown.length, "layer")} of ${layers.length.toLocaleString("en")} shown`);
    return texts.map(text => make("li", { textContent: text }));
  }

  // ---- Table and files ---------------------------------------------------------------------------------------------
  const number = value => Number.isFinite(value) ? String(Number(value.toPrecision(4))).replace("-", "−") : "–";

  function list() {
    const rows = chosen ?? [], head = ["model", "layer", "kind", label(state.x), label(state.y)];
    part("chosen").textContent = chosen ? `${rows.length} chosen` + (rows.length > MOST_ROWS ? `; the first ${MOST_ROWS} are listed` : "")
      : "Draw around points to list them, or list all that are shown.";
    const cells = row => [row.model, row.layer, row.kind, number(row.x), number(row.y)];
    const line = (tag, texts) => {
      const tr = make("tr", {});
      tr.append(...texts.map((text, i) => make(tag, { textContent: text, className: i > 2 ? "number" : "" })));
      return tr;
    };
    part("table").hidden = !rows.length;
    part("table").querySelector("thead").replaceChildren(line("th", head));
    part("table").querySelector("tbody").replaceChildren(...rows.slice(0, MOST_ROWS).map(row => line("td", cells(row))));
  }

  function download(name, address) {
    make("a", { href: address, download: name }).click();
  }

  function csv() {
    const quote = value => /[",\n]/.test(value ?? "") ? `"${String(value).replaceAll('"', '""')}"` : value ?? "";
    const rows = (chosen ?? shown).map(row => [row.model, row.layer, row.kind, row.family, row.depth, row.x, row.y]);
    const head = ["model", "layer", "kind", "family", "depth", state.x, state.y];
    const text = [head, ...rows].map(row => row.map(quote).join(",")).join("\n") + "\n";
    const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    download("explorer.csv", address);
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  const image = async type => download(`explorer.${type}`, await view.toImageURL(type, type === "png" ? 2 : 1));

  async function copyLink(button) {
    history.replaceState(null, "", address());
    try { await navigator.clipboard.writeText(location.href); button.textContent = "Copied"; }
    catch { button.textContent = "The link is in the address bar"; }
  }

  // ---- Controls ----------------------------------------------------------------------------------------------------
  const make = (tag, properties) => Object.assign(document.createElement(tag), properties);
  const part = name => host.querySelector(`[data-part="${name}"]`);

  function labeled(text, control) {
    const element = make("label", {});
    element.append(...(control.type === "checkbox" ? [control, ` ${text}`] : [`${text} `, control]));
    return element;
  }

  function menu(name, options) {
    const control = make("select", { name });
    let group = control, heading = "";
    for (const { value, text, under = "" } of options) {
      if (under !== heading) {
        heading = under;
        group = under ? control.appendChild(make("optgroup", { label: under })) : control;
      }
      group.append(make("option", { value, textContent: text }));
    }
    control.addEventListener("change", () => {
      const log = name in settings.first ? { [`${name}log`]: !!columns()[control.value].log } : {};
      change({ [name]: control.value, ...log });
      fill();
    });
    return control;
  }

  function box(name, checked, changed) {
    const control = make("input", { type: "checkbox", name, checked });
    control.addEventListener("change", () => changed(control.checked));
    return control;
  }

  const button = (text, pressed) => {
    const control = make("button", { type: "button", textContent: text });
    control.addEventListener("click", () => pressed(control));
    return control;
  };

  function build() {
    const offered = settings.columns.map(({ name, label, group }) => ({ value: name, text: label, under: group }));
    const plain = values => values.map(value => ({ value, text: value }));
    const models = [{ value: "", text: "all" }, ...plain([...new Set(layers.map(row => row.model))])];
    const hasDepth = layers.some(row => Number.isFinite(row.depth));
    const controls = make("form", { className: "explorer-controls" });
    controls.addEventListener("submit", event => event.preventDefault());
    for (const axis of ["y", "x"]) {
      controls.append(labeled(axis === "x" ? "Horizontal" : "Vertical", menu(axis, offered)),
        labeled("log", box(`${axis}log`, false, on => change({ [`${axis}log`]: on }))));
    }
    const text = make("input", { type: "search", name: "text", placeholder: "model or layer" });
    text.addEventListener("input", () => change({ text: text.value }));
    controls.append(labeled("Color", menu("color", plain(CHOICES.color.filter(name => name !== "depth" || hasDepth)))),
      labeled("Line", menu("line", plain(CHOICES.line))), labeled("Model", menu("model", models)), labeled("Find", text));
    const kinds = Object.keys(settings.kinds);
    if (kinds.length > 1) {
      const set = make("fieldset", {});
      set.append(make("legend", { textContent: "Kinds" }), ...kinds.map(kind => labeled(kind, box(`kind:${kind}`, true, on =>
        change({ hidden: on ? state.hidden.filter(name => name !== kind) : [...state.hidden, kind] })))));
      controls.append(set);
    }
    const actions = make("div", { className: "explorer-actions" });
    actions.append(button("List all shown", () => { chosen = shown; list(); }), button("CSV", csv),
      button("SVG", () => image("svg")), button("PNG", () => image("png")), button("Copy link", copyLink),
      button("Reset", () => { state = first(); change({}); }));
    const table = make("div", { className: "scroll", tabIndex: 0, hidden: true });
    table.dataset.part = "table";
    table.setAttribute("role", "region");
    table.setAttribute("aria-label", "Chosen layers");
    table.innerHTML = "<table><thead></thead><tbody></tbody></table>";
    const parts = [["ul", "summary"], ["div", "plot"], ["p", "chosen"]].map(([tag, name]) => {
      const element = make(tag, { className: `explorer-${name}` });
      element.dataset.part = name;
      return element;
    });
    parts[0].setAttribute("aria-live", "polite");
    host.replaceChildren(controls, ...parts, actions, table);
  }

  /** Controls show the state. */
  function fill() {
    for (const control of host.querySelectorAll("select, input[type=search]")) {
      if (control !== document.activeElement || control.tagName === "SELECT") control.value = state[control.name];
    }
    for (const control of host.querySelectorAll("input[type=checkbox]")) {
      control.checked = control.name.startsWith("kind:") ? !state.hidden.includes(control.name.slice(5)) : state[control.name];
    }
  }

  async function start(element, given) {
    settings = given;
    if (host !== element) {
      host = element;
      layers = chartData.rows("layers");
      state = here() ? fromAddress() : first();
      build();
    }
    await refresh();
  }

  const come = () => document.getElementById("explorer")?.scrollIntoView();
  addEventListener("hashchange", () => {
    if (!here()) return;
    if (host) { state = fromAddress(); refresh(); }
    come();
  });
  if (here()) addEventListener("load", come);
  return { start };
})();
drawers.explorer = explorer.start;
